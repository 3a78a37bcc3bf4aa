/** What `work` comes to, or null when it fails or is not there within `milliseconds`; it is not waited for then. */
export async function inTime<T>(milliseconds: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  const done = work.catch(() => null);
  const first = await Promise.race([done, late]);
  clearTimeout(timer);
  return first;
}
