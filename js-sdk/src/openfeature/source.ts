import type { Context, Lotwise, LotwiseError, LotwiseOptions } from "../types.js";

/** A client, which stays the application's to close; a promise of one; or what to make one of. */
export type ClientSource = Lotwise | PromiseLike<Lotwise> | LotwiseOptions;

/** How the provider makes its client. */
export interface ProviderSettings {
  /** What makes the client of options. Default: `createLotwise` of `lotwise`. */
  create?: (options: LotwiseOptions) => PromiseLike<Lotwise>;
}

/** Where a client comes from, whose it is, and what is known without OpenFeature's context. */
export interface Origin {
  /** Whether the provider closes it. */
  readonly isOwn: boolean;
  readonly options: LotwiseOptions;
  open(options: LotwiseOptions): PromiseLike<Lotwise>;
}

export function originOf(source: ClientSource, { create = createDefault }: ProviderSettings = {}): Origin {
  if ("then" in source) return { isOwn: false, options: {}, open: () => source };
  if ("peek" in source) return { isOwn: false, options: {}, open: async () => source };
  return { isOwn: true, options: source, open: create };
}

/** The options with another look at what goes wrong. */
export function withErrors(options: LotwiseOptions, look: (error: LotwiseError) => void): LotwiseOptions {
  const { onError = warn } = options;
  return {
    ...options,
    onError(error) {
      try {
        onError(error);
      } finally {
        look(error);
      }
    },
  };
}

/** What clients do by themselves. */
function warn({ message, cause }: LotwiseError): void {
  console.warn(`lotwise: ${message}`, ...(cause === undefined ? [] : [cause]));
}

/** Loaded when it is needed: applications that make their own client have it already. */
async function createDefault(options: LotwiseOptions): Promise<Lotwise> {
  const { createLotwise } = await import("lotwise");
  return createLotwise(options);
}

/** OpenFeature's context as a user. The targeting key is an attribute as well, as it is over OFREP. */
export function userOf(context: { readonly targetingKey?: string } & Context): {
  userKey: string | undefined;
  context: Context;
} {
  return { userKey: context.targetingKey, context };
}
