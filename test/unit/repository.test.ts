import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

const readme = textOf('README.md')
const { scripts }: { scripts: Record<string, string> } = JSON.parse(textOf('package.json'))

/** Pages a person reads, each with the folder that its links start from. */
const pages = [
  { page: 'README.md', folder: '.' },
  { page: 'CHANGELOG.md', folder: '.' },
  { page: 'docs/architecture.md', folder: 'docs' },
  { page: 'docs/deploy.md', folder: 'docs' },
  { page: 'docs/glossary.md', folder: 'docs' },
  { page: 'docs/runbook.md', folder: 'docs' },
  { page: 'docs/tables.md', folder: 'docs' },
]

/** `npm start` and `npm test` are scripts too; `npm ci` is not. */
const commandsIn = (text: string): string[] => [
  ...new Set(
    Array.from(
      text.matchAll(/npm (?:run (?:-s )?([\w:-]+)|(start|test)\b)/g),
      ([, run, own]) => run ?? own ?? '',
    ),
  ),
]

const linksIn = (text: string): string[] =>
  Array.from(text.matchAll(/\]\(([^)#]+)[^)]*\)/g), ([, link]) => link ?? '').filter(
    (link) => !/^https?:/.test(link),
  )

/** Names in backticks that begin with a folder of the project and are no patterns. */
const pathsIn = (text: string): string[] =>
  Array.from(
    text.matchAll(/`((?:analytics|commands|docs|events|functions|local|serverless|shared|test)\/[\w./-]+)`/g),
    ([, path]) => path ?? '',
  )

const trackedFiles = (): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)))

it('begins the README with the two set-up commands', () => {
  const firstBlock = /```\w*\n([\s\S]*?)```/.exec(readme)?.[1]

  expect(firstBlock).toBe('npm ci && npm start\nnpm ci && npm test\n')
})

it.each(pages)('$page names only commands that package.json has', ({ page }) => {
  const commands = commandsIn(textOf(page))

  expect(commands.filter((command) => scripts[command] === undefined)).toEqual([])
})

it('names every command for users in the README', () => {
  const partsOfCheck = ['typecheck', 'lint']
  const expected = Object.keys(scripts).filter((script) => !partsOfCheck.includes(script))

  expect(commandsIn(readme).sort()).toEqual(expected.sort())
})

it.each(pages)('$page links and refers only to files that exist', ({ page, folder }) => {
  const text = textOf(page)
  const paths = [...linksIn(text).map((link) => join(folder, link)), ...pathsIn(text)]

  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

it('asks in the README for the Node that package.json asks for', () => {
  const { engines }: { engines: { node: string } } = JSON.parse(textOf('package.json'))

  expect(readme).toContain(`Node ${engines.node.replace('>=', '')} or later`)
})

it('mentions no path of a machine and no address of a package registry', () => {
  // In halves, so that this file does not find itself.
  const banned = [`/${'work'}/`, `/${'root'}/`, `/${'home'}/`, `registry.${'npmjs'}`, `/tmp/${'weir'}/`]
  const found = trackedFiles().flatMap((path) => {
    const text = textOf(path)
    return banned.filter((word) => text.includes(word)).map((word) => `${path}: ${word}`)
  })

  expect(found).toEqual([])
})
