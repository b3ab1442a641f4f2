import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';

/** Leads to the way in, and remembers what was wanted. */
export function ToSignIn({ since }: { readonly since: number | null }) {
  const router = useRouter();
  useEffect(() => {
    const next = router.state.location.href;
    const search = { next, ...(since !== null && { since: String(since) }) };
    void router.navigate({ to: '/sign-in', search, replace: true });
  }, [router, since]);
  return null;
}
