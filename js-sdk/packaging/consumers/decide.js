import { createLotwise } from "lotwise";

/** What every user gets, and what went wrong. */
export async function decide(base, users) {
  const answers = [];
  const errors = new Set();
  for (const user of users) {
    const lotwise = await createLotwise({
      snapshotUrl: `${base}/prod/client`,
      ...user,
      onError: (error) => errors.add(`${error.code}: ${error.message}`),
    });
    const { variant, payload, reason } = lotwise.variant("checkout-button-color", {
      fallback: { color: "fallback" },
    });
    // Takes the larger build.
    const explanation = await lotwise.explain("checkout-button-color");
    answers.push({ variant, payload, reason, explained: explanation?.reason ?? null });
    await lotwise.close();
  }
  return { answers, errors: [...errors] };
}
