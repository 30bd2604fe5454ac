// Evaluates flags with OpenFeature's own clients, of servers and of pages, and complains about each
// answer that is not the expected one.
//
//   EDGE_URL=http://localhost:8787 node evaluate.mjs
//
// The flags are those of tests/journeys/edge/openfeature.rs.

import { isDeepStrictEqual } from "node:util";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature as Servers } from "@openfeature/server-sdk";
import { OpenFeature as Pages } from "@openfeature/web-sdk";

const baseUrl = `${process.env.EDGE_URL}/prod`;

function check(what, found, expected) {
  if (isDeepStrictEqual(found, expected)) return;
  console.log(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
  process.exitCode = 1;
}

/** What both clients have to say of every flag for somebody in Germany. */
async function evaluate(host, client, context) {
  const kinds = {
    "a-boolean": ["getBooleanDetails", false, true],
    "a-string": ["getStringDetails", "default", "grün"],
    "a-number": ["getNumberDetails", 0, 4.5],
    "an-object": ["getObjectDetails", {}, { color: "#00cc66", sizes: [1, 2] }],
    "for-germany": ["getBooleanDetails", false, true],
  };
  for (const [flag, [get, fallback, value]] of Object.entries(kinds)) {
    const details = await client[get](flag, fallback, context);
    const { variant, reason, errorCode, flagMetadata } = details;
    check(`${host}: ${flag}`, [details.value, variant, reason, errorCode], [value, "on", "SPLIT", undefined]);
    check(`${host}: ${flag}'s version`, flagMetadata.config_version, 1);
  }
  const ghost = await client.getBooleanDetails("ghost", true, context);
  check(`${host}: ghost`, [ghost.value, ghost.reason, ghost.errorCode], [true, "ERROR", "FLAG_NOT_FOUND"]);
  const list = await client.getStringDetails("a-list", "default", context);
  check(`${host}: a-list`, [list.value, list.errorCode], ["default", "GENERAL"]);
  const mistaken = await client.getStringDetails("a-boolean", "default", context);
  check(`${host}: another type`, [mistaken.value, mistaken.errorCode], ["default", "TYPE_MISMATCH"]);
  check(`${host}: for-france`, await client.getBooleanValue("for-france", false, context), false);
}

async function asServer() {
  await Servers.setProviderAndWait(new OFREPProvider({ baseUrl }));
  const client = Servers.getClient();
  await evaluate("server", client, { targetingKey: "user-123", country: "DE" });
  const abroad = { targetingKey: "user-123", country: "FR" };
  check("server: abroad", await client.getBooleanValue("for-germany", false, abroad), false);
  const nobody = await client.getBooleanDetails("a-boolean", false, {});
  check("server: nobody", [nobody.value, nobody.errorCode], [false, "TARGETING_KEY_MISSING"]);
}

async function asPage() {
  const statuses = [];
  const fetchImplementation = async (...request) => {
    const response = await fetch(...request);
    statuses.push(response.status);
    return response;
  };
  await Pages.setContext({ targetingKey: "user-123", country: "DE" });
  // There is no localStorage here.
  await Pages.setProviderAndWait(new OFREPWebProvider({ baseUrl, cacheMode: "disabled", fetchImplementation }));
  const client = Pages.getClient();
  await evaluate("page", client);

  await Pages.setContext({ targetingKey: "user-123", country: "FR" });
  check("page: abroad", client.getBooleanValue("for-germany", false), false);
  check("page: at home", client.getBooleanValue("for-france", false), true);
  const undecided = client.getBooleanDetails("for-germany", false);
  check("page: undecided", [undecided.reason, undecided.errorCode], ["UNKNOWN", undefined]);
  // No flag asks for this attribute.
  await Pages.setContext({ targetingKey: "user-123", country: "FR", mood: "fine" });
  check("page: still at home", client.getBooleanValue("for-france", false), true);
  check("page: statuses", statuses, [200, 200, 304]);
  await Pages.close();
}

await asServer();
await asPage();
