import type { SandboxCommit } from "../git/repository.ts";
import { people, type ServiceSeed } from "./seed.ts";

const hourMs = 3_600_000;

/** The commits a service's past builds were made from, one each. */
export function pastCommits(service: ServiceSeed, now: number): SandboxCommit[] {
  let version = service.builds[0]?.version ?? service.version;
  let changes = "";
  return service.builds.map((build, index) => {
    version = build.version ?? version;
    changes = `- ${build.tag}: ${build.message}\n${changes}`;
    return {
      message: build.message,
      author: people[(service.path.length + index) % people.length]!,
      at: now - build.hoursAgo * hourMs,
      files: {
        ...(index === 0 ? { "README.md": readme(service), Containerfile: containerfile(service) } : {}),
        VERSION: `${version}\n`,
        "CHANGES.md": `# Changes\n\n${changes}`,
      },
    };
  });
}

function readme(service: ServiceSeed): string {
  return `# ${service.path}

${service.about}

Every commit on main becomes an image. VERSION says how it is numbered: \`1.8\` makes 1.8.0, 1.8.1 and so on; a \`*\` stands
for the number, as in \`main-*\`. A file BEHAVIOUR makes the image misbehave in the trial's clusters: \`crash\`,
\`crash-after=5s\`, \`never-ready\`, \`ready-after=20s\` or \`unpullable\`.
`;
}

function containerfile(service: ServiceSeed): string {
  return `FROM scratch\nLABEL org.opencontainers.image.title="${service.path}"\nCOPY . /\n`;
}
