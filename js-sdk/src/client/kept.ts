/**
 * The last good snapshot, for a start without the network. One entry of the Cache API holds the object as its
 * body, and `version.json` and the object's path as headers, so that they always belong together and nothing
 * old is left over.
 */

export interface Kept {
  /** The text of `version.json`. */
  readonly pointer: string;
  /** Which of its forms `bytes` is. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const open = () => caches.open("lotwise");

/** Keeps a snapshot. What the browser refuses is not kept. */
export async function keep(
  url: string,
  pointer: string,
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  try {
    // Headers hold no line breaks.
    const headers = { "lotwise-pointer": encodeURIComponent(pointer), "lotwise-path": path };
    await (await open()).put(url, new Response(bytes, { headers }));
  } catch {
    // No Cache API, or no room.
  }
}

/** What was kept last. */
export async function recall(url: string): Promise<Kept | undefined> {
  try {
    const response = (await (await open()).match(url))!;
    const header = (name: string) => decodeURIComponent(response.headers.get(name)!);
    return {
      pointer: header("lotwise-pointer"),
      path: header("lotwise-path"),
      bytes: new Uint8Array(await response.arrayBuffer()),
    };
  } catch {
    return undefined;
  }
}
