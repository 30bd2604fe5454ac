import { useLotwise, useTrack, useVariant } from "lotwise/react";
import { useState } from "react";

export function CheckoutButton() {
  const { variant, payload, reason } = useVariant("checkout-button-color", {
    fallback: { color: "#0066cc" },
  });
  const { version, userKey } = useLotwise();
  const track = useTrack();
  const [clicks, setClicks] = useState(0);

  function click() {
    setClicks(clicks + 1);
    track("purchase", { value: 42 });
  }

  return (
    <main style={{ fontFamily: "system-ui", padding: "2rem" }}>
      <button
        onClick={click}
        style={{
          background: payload.color,
          color: "white",
          border: 0,
          borderRadius: 8,
          padding: "1rem 2rem",
        }}
      >
        Check out
      </button>
      <dl>
        <dt>User</dt>
        <dd id="user">{userKey}</dd>
        <dt>Variant</dt>
        <dd id="variant">{variant ?? "none"}</dd>
        <dt>Reason</dt>
        <dd id="reason">{reason}</dd>
        <dt>Version</dt>
        <dd id="version">{version ?? "none"}</dd>
        <dt>Clicks tracked</dt>
        <dd id="clicks">{clicks}</dd>
      </dl>
    </main>
  );
}
