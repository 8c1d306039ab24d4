import { buttonStyle } from "@/components/ui/button-style";

/** The way in through the identity provider, above the one with a password. */
export function SingleSignOn({ next }: { next: string }) {
  return (
    <div className="mb-6 border-b border-border pb-6">
      {/* Not a link of the router's, which would follow it by itself. */}
      <a
        href={`/sign-in/single-sign-on?next=${encodeURIComponent(next)}`}
        className={buttonStyle("secondary", "w-full")}
      >
        Sign in with single sign-on
      </a>
    </div>
  );
}
