// This package by its own name: whatever entry point the application's bundler or runtime chooses.
declare module "lotwise" {
  export function createLotwise(
    options: import("./types.js").LotwiseOptions,
  ): Promise<import("./types.js").Lotwise>;
}
