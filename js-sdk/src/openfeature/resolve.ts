import type { ErrorCode, FlagMetadata, ResolutionDetails } from "@openfeature/core";
import type { Decision, Lotwise, Reason } from "../types.js";

/** OpenFeature's names for what JavaScript calls a value's type. */
export type FlagType = "boolean" | "string" | "number" | "object";

/** OpenFeature's reason. A remote edge does not say why, and those without a variant have no better word. */
function reasonOf(reason: Reason): string {
  if (reason === "SPLIT") return "SPLIT";
  if (reason === "CONCLUDED") return "STATIC";
  return reason === "RULE" || reason === "STICKY" || reason === "OVERRIDE" ? "TARGETING_MATCH" : "UNKNOWN";
}

/**
 * Evaluates a flag as the servers' OFREP endpoint does, and records the exposure when the value is given
 * out: a caller who is handed the default has met no variant.
 */
export function resolve<T>(client: Lotwise, flag: string, fallback: T, type: FlagType): ResolutionDetails<T> {
  const decision = client.peek(flag);
  const flagMetadata: FlagMetadata = { reason: decision.reason };
  if (client.version !== null) flagMetadata["config_version"] = client.version;

  function refuse(errorCode: string, errorMessage: string): ResolutionDetails<T> {
    const known = errorCode as ErrorCode;
    return { value: fallback, reason: "ERROR", errorCode: known, errorMessage, flagMetadata };
  }

  const fault = faultOf(client, decision);
  if (fault !== null) return refuse(...fault);
  const reason = reasonOf(decision.reason);
  if (decision.variant === null) return { value: fallback, reason, flagMetadata };

  const value = valueOf(decision.payload);
  if (value === null || Array.isArray(value)) {
    return refuse("GENERAL", "the payload is an array or null, which OpenFeature has no type for");
  }
  if (typeof value !== type) {
    return refuse("TYPE_MISMATCH", `the payload of ${decision.variant} is a ${typeof value}, not a ${type}`);
  }
  client.expose(flag);
  return { value: value as T, variant: decision.variant, reason, flagMetadata };
}

/** Why there is nothing to decide, as error code and message. */
function faultOf(client: Lotwise, { reason, experiment }: Decision): [string, string] | null {
  switch (reason) {
    case "NOT_READY":
      return ["PROVIDER_NOT_READY", "there is no snapshot yet"];
    case "UNKNOWN_EXPERIMENT":
      return ["FLAG_NOT_FOUND", `there is no experiment ${JSON.stringify(experiment)} in this environment`];
    case "INVALID_USER":
      return client.userKey
        ? ["INVALID_CONTEXT", "targetingKey must be at most 512 bytes, and the context must be JSON"]
        : ["TARGETING_KEY_MISSING", "the context has no targetingKey"];
    default:
      return null;
  }
}

/** The payload, or its only member when that is called `value`. */
function valueOf(payload: unknown): unknown {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return payload;
  const members = Object.entries(payload);
  return members.length === 1 && members[0]![0] === "value" ? members[0]![1] : payload;
}
