/**
 * Image references by the grammar of distribution/reference. The written form is kept; names are normalised only for
 * comparing (Docker Hub's short names mean docker.io, one-part names its `library/`).
 */
export interface ImageRef {
  /** The text as it stands in the manifest. */
  readonly written: string;
  /** The name part of `written`, without tag and digest. */
  readonly writtenName: string;
  /** Canonical registry host, `docker.io` for Docker Hub. */
  readonly host: string;
  /** Repository path in the registry, with `library/` for one-part Hub names. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

const hostPattern =
  /^(?:localhost|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const pathPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[\w][\w.-]{0,127}$/;
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
/** Longest repository path of distribution/reference. */
const maxPathLength = 255;
/** Longer than any path, tag, digest and host name together: what is longer is no reference, and is not looked at. */
const maxLength = 1_000;
/** Sixty-four hexadecimal digits are an image id, never a name. */
const imageIdPattern = /^[0-9a-f]{64}$/;
const hubHosts = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/** Reads a reference; undefined when the text is none. */
export function parseImage(text: string): ImageRef | undefined {
  if (text.length > maxLength || imageIdPattern.test(text)) return undefined;
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(":");
  const hasTag = colon > rest.lastIndexOf("/");
  const writtenName = hasTag ? rest.slice(0, colon) : rest;
  const tag = hasTag ? rest.slice(colon + 1) : undefined;
  if (digest !== undefined && !digestPattern.test(digest)) return undefined;
  if (tag !== undefined && !tagPattern.test(tag)) return undefined;
  const slash = writtenName.indexOf("/");
  const first = slash < 0 ? "" : writtenName.slice(0, slash);
  const firstIsHost = first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase();
  const host = firstIsHost ? first.toLowerCase() : "docker.io";
  const onHub = hubHosts.has(host);
  let path = firstIsHost ? writtenName.slice(slash + 1) : writtenName;
  if (onHub && !path.includes("/")) path = `library/${path}`;
  if (firstIsHost && !hostPattern.test(host)) return undefined;
  if (path.length > maxPathLength || !pathPattern.test(path)) return undefined;
  return {
    written: text,
    writtenName,
    host: onHub ? "docker.io" : host,
    path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Canonical `host/path`, by which images are compared and catalogued. */
export function imageName(ref: Pick<ImageRef, "host" | "path">): string {
  return `${ref.host}/${ref.path}`;
}

/** One version of an image: the tag people say, the digest that is meant. */
export interface Version {
  readonly tag: string;
  readonly digest?: string;
}

/** The version a reference names; a reference without a tag means `latest` unless it has a digest. */
export function versionOf(ref: ImageRef): Version {
  const tag = ref.tag ?? (ref.digest === undefined ? "latest" : "");
  return ref.digest === undefined ? { tag } : { tag, digest: ref.digest };
}

/**
 * The reference with another version, in the form it was written in: a name with a digest keeps having one (tag and
 * digest move together), a name without gets the tag alone, or the digest where the version has no tag. Undefined when
 * what the form needs is not known.
 */
export function withVersion(ref: ImageRef, version: Version): string | undefined {
  const tag = version.tag === "" ? "" : `:${version.tag}`;
  if (ref.digest === undefined && tag !== "") return ref.writtenName + tag;
  if (version.digest === undefined) return undefined;
  const keepsTag = ref.digest !== undefined && ref.tag !== undefined;
  return `${ref.writtenName}${keepsTag ? tag : ""}@${version.digest}`;
}

/** Whether two versions are the same: by digest where both have one, else by tag. */
export function sameVersion(a: Version, b: Version): boolean {
  if (a.digest !== undefined && b.digest !== undefined) return a.digest === b.digest;
  return a.tag === b.tag;
}

/** A version for people: the tag, or a short digest where there is no tag. */
export function showVersion(version: Version): string {
  return version.tag !== "" ? version.tag : (version.digest ?? "").replace(/^(\w+:)([0-9a-f]{12}).*$/, "$1$2");
}
