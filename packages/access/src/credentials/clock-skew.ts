/** A Date header has whole seconds. */
const RESOLUTION = 1000;

/**
 * The least difference between the server's clock and ours (milliseconds, positive when the server is ahead) that
 * explains the Date header of an answer to a request sent and received at these local times; 0 if none is needed.
 */
export function clockSkew(date: string | undefined, sentAt: number, receivedAt: number): number {
  const server = Date.parse(date ?? '');
  if (Number.isNaN(server)) return 0;
  const least = server - receivedAt;
  const most = server + RESOLUTION - sentAt;
  return least > 0 ? least : Math.min(most, 0);
}
