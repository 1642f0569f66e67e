import { defineConfig } from 'vitest/config'

// Each file starts its own server and browser; two cores hold two of them at most.
export default defineConfig({
  test: {
    include: ['e2e/**/*.e2e.ts'],
    environment: 'node',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A deadline for what must happen, also on loaded cores; never how long something takes.
    expect: { poll: { timeout: 20_000 } },
    // A second try is told; a browser on two loaded cores sometimes needs it.
    retry: 1,
  },
})
