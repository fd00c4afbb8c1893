// Bundles what must start fast: @crossbucket/policy into one file for browsers and Node, @crossbucket/sandbox into a file
// for each service, @crossbucket/access and the command into one for each part that is loaded when it is needed. Loading a
// hundred modules costs more than all that is in them. Most of what is left is V8 reading the text, so it is minified and
// plain ASCII (one character beyond Latin-1 makes V8 hold all of it in two bytes each).
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const packages = new URL('../packages/', import.meta.url);
const at = (path) => fileURLToPath(new URL(path, packages));

// npm packs a licence that lies in the package itself, and no other.
for (const name of await readdir(packages))
  await copyFile(new URL('../LICENSE', packages), at(`${name}/LICENSE`));

await bundle({
  input: at('policy/dist/index.js'),
  platform: 'neutral',
  output: { dir: at('policy/dist'), entryFileNames: 'policy.js' },
});

await bundleForNode('sandbox', { index: 'index.js', vitest: 'vitest.js' });
// It is in other people's stack traces.
await bundleForNode(
  'access',
  { index: 'index.js', credentials: 'credentials.js', configuration: 'configuration.js' },
  { minify: false },
);
await bundleForNode('crossbucket', { index: 'index.js', explain: 'explain/index.js' });
await bundleForNode(
  'crossbucket',
  { main: 'cli/main.js' },
  {
    folder: 'command',
    external: /^(?!@crossbucket\/access|@aws-sdk\/|@smithy\/)[^./\0]/,
    plugins: [requireSdk()],
  },
);

async function bundleForNode(name, entries, { minify = true, folder = 'bundle', ...options } = {}) {
  const dist = at(`${name}/dist`);
  const dir = `${dist}/${folder}`;
  await rm(dir, { recursive: true, force: true });
  const input = Object.fromEntries(Object.entries(entries).map(([key, file]) => [key, `${dist}/${file}`]));
  await bundle({ input, platform: 'node', external: /^[^./]/, output: { dir, minify }, ...options });
}

/**
 * The AWS SDK is CommonJS, which takes Node half as long to load by `require` as by `import`. Only the command may do this:
 * whoever bundles our libraries with a program of his own needs to see what they import.
 */
function requireSdk() {
  const mark = '\0require:';
  return {
    name: 'require-sdk',
    resolveId: (id) => (/^@(aws-sdk|smithy)\//.test(id) ? { id: `${mark}${id}` } : undefined),
    load(id) {
      if (!id.startsWith(mark)) return undefined;
      const code = `import { createRequire } from 'node:module';
        module.exports = createRequire(import.meta.url)(${JSON.stringify(id.slice(mark.length))});`;
      return { code, moduleType: 'js' };
    },
  };
}

async function bundle({ output, ...options }) {
  const settings = { minify: true, ...output, format: 'esm', sourcemap: true };
  const files = (await build({ ...options, output: settings, logLevel: 'warn' })).output;
  const texts = files.filter(({ fileName }) => fileName.endsWith('.js'));
  await Promise.all(texts.map(({ fileName }) => toAscii(`${output.dir}/${fileName}`)));
}

async function toAscii(file) {
  const text = await readFile(file, 'utf8');
  const ascii = text.replaceAll(/[^\0-\x7f]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
  if (ascii !== text) await writeFile(file, ascii);
}
