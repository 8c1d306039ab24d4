import type { RequestListener } from "node:http";
import { refuse } from "./refusal";

/**
 * Refuses with 400 a request whose path can be read in two ways: what decides by the path here would read it in the one,
 * and Next in the other.
 */
export function plainPaths(pass: RequestListener): RequestListener {
  return (request, response) => {
    if (isPlain(request.url ?? "")) return pass(request, response);
    const message =
      "The path of this address can be read as another one: send it without `.` and `..` between slashes, backslashes, " +
      "and letters that are encoded for no reason.";
    refuse(response, { code: "invalid_request", message });
  };
}

/** Names that Next gives to what has another one, the API's routes among them. Nothing of ours asks by these. */
const SECOND_NAME = /^\/_next\/(data|image)(\/|$)/;

/**
 * Whether a request's target is a path that no reader makes another one of. What it begins with, which is what routes are
 * told apart by, is never encoded; names further on are, as in `/api/repos/team%2Fapp`.
 */
function isPlain(target: string): boolean {
  const [path = ""] = target.split("?", 1);
  if (!URL.canParse(target, "http://any") || new URL(target, "http://any").pathname !== path) return false;
  if (SECOND_NAME.test(path)) return false;
  const [, first, second] = path.split("/");
  return !/%[0-7]/.test(`${first}/${second}`);
}
