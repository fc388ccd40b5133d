import { defineConfig } from 'vite';

/**
 * `vite build dashboard` → dashboard/dist, served by the API. No inline script or style is made, so a strict
 * Content-Security-Policy (`script-src 'self'; style-src 'self'`) holds. JSX is compiled by Vite itself
 * (tsconfig's `jsxImportSource`), no plugin needed.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // A data: URL would need a wider img-src.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
});
