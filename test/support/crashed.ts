/**
 * What a crash loop's evidence says, whenever one looks: it has just ended (`Error`), waits to be started again
 * (`CrashLoopBackOff`), or was just started again (`Restarted`). The end itself is told in all three.
 */
export const crashed = /^(Error|CrashLoopBackOff|Restarted): ended with exit code 1: panic: /;
