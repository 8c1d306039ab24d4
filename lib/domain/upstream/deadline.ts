/**
 * Runs something under a signal that aborts after so long, or with the caller's. `AbortSignal.any` and
 * `AbortSignal.timeout` are not used for it: until Node 24 both hold one another weakly, so that a garbage collection
 * during a long operation takes its deadline away (github.com/nodejs/node/issues/57736).
 */
export async function withDeadline<T>(
  ms: number,
  caller: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException("The deadline has passed.", "TimeoutError")), ms);
  const follow = () => controller.abort(caller?.reason);
  if (caller?.aborted) follow();
  caller?.addEventListener("abort", follow, { once: true });
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener("abort", follow);
  }
}
