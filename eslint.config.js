import tseslint from 'typescript-eslint';

const banned = (object, property, message) => ({ object, property, message });

export default tseslint.config(
  { ignores: ['node_modules', 'core/api/generated', 'coverage'] },
  ...tseslint.configs.strict,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    files: ['**/*.ts', '**/*.tsx'],
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-dynamic-delete': 'off',
    },
  },
  {
    // Simulated code: what can be observed of it is a function of its arguments, on every engine alike.
    files: ['core/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'Date',
        'process',
        'console',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'performance',
        'Buffer',
        'crypto',
        'Intl',
      ],
      'no-restricted-properties': [
        'error',
        banned('Math', 'random', 'Draw by purpose: core/random/draw.ts.'),
        banned('Math', 'pow', 'Its last bits differ between engines.'),
        banned('Math', 'sin', 'Its last bits may differ between engines.'),
        banned('Math', 'cos', 'Its last bits may differ between engines.'),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "BinaryExpression[operator='**']", message: 'Its last bits differ between engines.' },
        {
          selector: 'ImportDeclaration[source.value=/^node:/]',
          message: 'core/ runs unchanged in a browser.',
        },
        {
          selector: "CallExpression[callee.property.name='localeCompare']",
          message: 'Order must not depend on a locale.',
        },
      ],
    },
  },
);
