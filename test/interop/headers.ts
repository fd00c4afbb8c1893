/** How a call fails, with the headers of its answer; throws if it does not fail. */
export async function failedHeaders(
  call: Promise<unknown>,
): Promise<{ code: string; status: number; headers: Record<string, string> }> {
  try {
    await call;
  } catch (error) {
    const { name, $response } = error as Error & {
      $response: { statusCode: number; headers: Record<string, string> };
    };
    return { code: name, status: $response.statusCode, headers: $response.headers };
  }
  throw new Error('the call did not fail');
}
