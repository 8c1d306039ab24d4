import Link from "next/link";

export default function NotFound() {
  return (
    <main className="mx-auto max-w-md px-6 py-24">
      <h1 className="text-xl font-semibold tracking-tight">There is nothing here</h1>
      <p className="mt-2 text-muted">
        The address is wrong, the thing it named was deleted, or it belongs to an organization that you are not a member
        of.
      </p>
      <p className="mt-6">
        <Link href="/" className="text-accent underline underline-offset-4">
          Go to your repositories
        </Link>
      </p>
    </main>
  );
}
