import { ask, type Answer } from "./ask";

/** A form of a page as a browser without JavaScript sends it. */
export interface FormSubmission {
  /** The page's path. */
  page: string;
  cookie: string;
  /** A field that the form has and others of the page have not. */
  having: string;
  fields: Record<string, string>;
  headers?: Record<string, string>;
}

/** Fetches the page, fills in the form and sends it. Throws an Error where the page has no such form. */
export async function submitForm(
  url: string,
  { page, cookie, having, fields, headers }: FormSubmission,
): Promise<Answer> {
  const { text } = await ask(url, { path: page, headers: { cookie } });
  const form = text.match(/<form[\s\S]*?<\/form>/g)?.find((each) => each.includes(`name="${having}"`));
  if (!form) throw new Error(`${page} has no form with "${having}".`);
  const data = new FormData();
  for (const [input] of form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const attribute = (name: string) => unescape(new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1] ?? "");
    data.append(attribute("name"), attribute("value"));
  }
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  const request = new Request(url, { method: "POST", body: data });
  return ask(url, {
    method: "POST",
    path: page,
    headers: { cookie, origin: url, "content-type": request.headers.get("content-type")!, ...headers },
    body: Buffer.from(await request.arrayBuffer()),
  });
}

function unescape(html: string): string {
  return html
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
