import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

const MANIFEST = path.join(".next", "routes-manifest.json");

interface Route {
  page: string;
  regex: string;
}

/**
 * Names the route of a request's path as it is declared, such as `/[org]/repos/[repo]`, by the list that Next's build
 * leaves: never the path itself, which holds names and is without bound. "other" for what has no route.
 */
export function routePatterns(): (url: string) => string {
  const routes = readRoutes().map(({ page, regex }) => ({ page, regex: new RegExp(regex) }));
  return (url) => {
    const [pathname = ""] = url.split("?", 1);
    if (pathname.startsWith("/_next/")) return "/_next/[...file]";
    return routes.find(({ regex }) => regex.test(pathname))?.page ?? "other";
  };
}

/** Fixed paths go before those with parameters, as in Next. A development server leaves no such list. */
function readRoutes(): Route[] {
  if (!existsSync(MANIFEST)) return [];
  const manifest = JSON.parse(readFileSync(MANIFEST, "utf8")) as { staticRoutes: Route[]; dynamicRoutes: Route[] };
  return [...manifest.staticRoutes, ...manifest.dynamicRoutes];
}
