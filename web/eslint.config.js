import { readdirSync } from 'node:fs'
import a11y from 'eslint-plugin-jsx-a11y'
import hooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const features = readdirSync(new URL('./src/features', import.meta.url))
const forbid = (group, message) => ({
  'no-restricted-imports': ['error', { patterns: [{ group, message }] }],
})
const downwards = 'Imports point downwards: routes, features, app, design.'

/** One zone per feature folder, made from the list of folders. */
const zones = features.map((feature) => ({
  files: [`src/features/${feature}/**`],
  rules: forbid(
    ['~/routes/*', ...features.filter((other) => other !== feature).map((other) => `~/features/${other}/*`), '../*'],
    'A feature never imports another feature; routes compose them.',
  ),
}))

export default tseslint.config(
  { ignores: ['dist', 'screens', 'src/app/api.gen.ts'] },
  ...tseslint.configs.strict,
  a11y.flatConfigs.recommended,
  hooks.configs.flat['recommended-latest'],
  {
    rules: {
      'max-lines': ['error', { max: 250 }],
      complexity: ['error', 18],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      // Only the React compiler needs it, which is left out.
      'react-hooks/incompatible-library': 'off',
      'no-restricted-syntax': [
        'error',
        { selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]', message: 'Text is rendered as text.' },
        { selector: 'NewExpression[callee.name="Function"]', message: 'The content security policy refuses it.' },
      ],
      'jsx-a11y/no-autofocus': 'off',
      'jsx-a11y/no-noninteractive-tabindex': ['error', { tags: [], roles: ['tabpanel', 'region'] }],
      'jsx-a11y/label-has-associated-control': ['error', { assert: 'either', depth: 3 }],
    },
  },
  { files: ['src/design/**'], rules: forbid(['~/app/*', '~/features/*', '~/routes/*'], downwards) },
  { files: ['src/app/**'], rules: forbid(['~/features/*', '~/routes/*'], downwards) },
  ...zones,
)
