import { GrowthBook } from "@growthbook/growthbook";

const growthbook = new GrowthBook({
  apiHost: "https://cdn.example.com",
  clientKey: "sdk-123",
  attributes: { id: "user-123", country: "US", plan: "pro" },
  trackingCallback: (experiment, result) => console.log(experiment.key, result.key),
});
await growthbook.init();
document.body.dataset.variant = growthbook.getFeatureValue("checkout-button-color", null);
