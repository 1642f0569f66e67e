import { defineConfig } from 'vitest/config'

// Figures, not tests: run by hand with `npm run figures`, one after the other on a quiet machine.
export default defineConfig({
  test: {
    include: ['e2e/**/*.figures.ts'],
    environment: 'node',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
})
