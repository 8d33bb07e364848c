const wantedInBucket = 16;

/**
 * A map that changes by making another one, which shares everything but the buckets that changed: hundreds of versions of
 * ten thousand entries cost little more than one.
 */
export class SharedMap<V> {
  readonly size: number;
  readonly #buckets: readonly ReadonlyMap<string, V>[];

  private constructor(buckets: readonly ReadonlyMap<string, V>[], size: number) {
    this.#buckets = buckets;
    this.size = size;
  }
  static empty<V>(): SharedMap<V> {
    return new SharedMap<V>([new Map()], 0);
  }

  get(key: string): V | undefined {
    return this.#buckets[placeOf(key, this.#buckets.length)]!.get(key);
  }

  /** The map with entries set, or taken out where the value is undefined. */
  with(changes: ReadonlyMap<string, V | undefined>): SharedMap<V> {
    const buckets: ReadonlyMap<string, V>[] = [...this.#resized(this.size + changes.size)];
    const own = new Set<number>();
    let { size } = this;
    for (const [key, value] of changes) {
      const place = placeOf(key, buckets.length);
      const bucket = own.has(place) ? (buckets[place] as Map<string, V>) : new Map(buckets[place]);
      own.add(place);
      buckets[place] = bucket;
      size -= bucket.size;
      if (value === undefined) bucket.delete(key);
      else bucket.set(key, value);
      size += bucket.size;
    }
    return new SharedMap(buckets, size);
  }

  /** Buckets for about as many entries: twice as many or half as many as there are, in time. */
  #resized(size: number): readonly ReadonlyMap<string, V>[] {
    const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, size / wantedInBucket)));
    const count = this.#buckets.length;
    if (wanted <= count && wanted * 4 > count) return this.#buckets;
    const buckets = Array.from({ length: wanted }, () => new Map<string, V>());
    for (const bucket of this.#buckets)
      for (const [key, value] of bucket) buckets[placeOf(key, wanted)]!.set(key, value);
    return buckets;
  }
}

/** FNV-1a, which spreads names that differ in a character or two. `count` is a power of two. */
function placeOf(key: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) & (count - 1);
}
