/** A Date header has whole seconds. */
const RESOLUTION = 1000;

/**
 * How far the server's clock is ahead of ours, in milliseconds, by the Date header of an answer to a request sent and
 * received at these local times. 0 where no difference is needed to explain it; otherwise the greatest that does, so that
 * credentials end too early rather than too late.
 */
export function clockSkew(date: string | undefined, sentAt: number, receivedAt: number): number {
  const server = Date.parse(date ?? '');
  if (Number.isNaN(server)) return 0;
  const least = server - receivedAt;
  const most = server + RESOLUTION - sentAt;
  return least > 0 || most < 0 ? most : 0;
}
