/** The command that the scripts ask; its words are those of the line, the last one being written still. */
export const completeCommand = "complete";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** What a shell reads so that Tab completes `sluice`. */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# In ~/.bashrc: source <(sluice completion bash)
_sluice() {
  local IFS=$'\\n'
  COMPREPLY=($(sluice ${completeCommand} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _sluice sluice
`,
  zsh: `#compdef sluice
# In ~/.zshrc, after compinit: source <(sluice completion zsh)
_sluice() {
  local -a found
  found=(\${(f)"$(sluice ${completeCommand} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -- $found
}
compdef _sluice sluice
`,
  fish: `# In ~/.config/fish/completions/sluice.fish: sluice completion fish | source
complete -c sluice -a '(sluice ${completeCommand} -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
};
