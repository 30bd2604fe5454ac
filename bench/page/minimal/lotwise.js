// The least that a page has to write.

import { createLotwise } from "../../../js-sdk/dist/entry/web.js";

const lotwise = await createLotwise({
  snapshotUrl: "https://edge.example.com/prod/client",
  userKey: "user-123",
  context: { country: "US", plan: "pro" },
});
document.body.dataset.variant = lotwise.variant("checkout-button-color").variant;
