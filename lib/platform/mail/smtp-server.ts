/** Where mail is handed in. */
export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte on (`smtps:`), or else by STARTTLS. */
  secure: boolean;
  /** Whether it is this machine, where mail may be handed in without TLS. */
  local: boolean;
  auth?: { user: string; pass: string };
}

/**
 * Reads `smtp://user:password@host:587` or `smtps://…:465`, where what stands before `@` and the port may be left out.
 * Throws an Error without anything of the text in it.
 */
export function parseSmtpServer(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  const secure = url?.protocol === "smtps:";
  if (
    !url ||
    !host ||
    (!secure && url.protocol !== "smtp:") ||
    !["", "/"].includes(url.pathname) ||
    url.search ||
    url.hash
  )
    throw new Error("not the address of a mail server");
  const user = decodeURIComponent(url.username);
  return {
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    local: host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host),
    ...(user && { auth: { user, pass: decodeURIComponent(url.password) } }),
  };
}
