/** Colours for code. Loaded with the first message that has some. */
import bash from 'highlight.js/lib/languages/bash'
import c from 'highlight.js/lib/languages/c'
import cpp from 'highlight.js/lib/languages/cpp'
import csharp from 'highlight.js/lib/languages/csharp'
import css from 'highlight.js/lib/languages/css'
import diff from 'highlight.js/lib/languages/diff'
import dockerfile from 'highlight.js/lib/languages/dockerfile'
import go from 'highlight.js/lib/languages/go'
import ini from 'highlight.js/lib/languages/ini'
import java from 'highlight.js/lib/languages/java'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import kotlin from 'highlight.js/lib/languages/kotlin'
import markdown from 'highlight.js/lib/languages/markdown'
import php from 'highlight.js/lib/languages/php'
import python from 'highlight.js/lib/languages/python'
import ruby from 'highlight.js/lib/languages/ruby'
import rust from 'highlight.js/lib/languages/rust'
import sql from 'highlight.js/lib/languages/sql'
import swift from 'highlight.js/lib/languages/swift'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import yaml from 'highlight.js/lib/languages/yaml'
import { createLowlight } from 'lowlight'
import type { Token } from './CodeBlock'

const lowlight = createLowlight({
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  markdown,
  php,
  python,
  ruby,
  rust,
  sql,
  swift,
  typescript,
  xml,
  yaml,
})

type Tree = ReturnType<typeof lowlight.highlight>
type Node = Tree['children'][number]

/** The coloured stretches of the code; none for a language that is not known. */
export function highlight(language: string, code: string): Token[] {
  if (!lowlight.registered(language)) return []
  const tokens: Token[] = []
  let at = 0
  const visit = (node: Node, kind: string | undefined) => {
    if (node.type === 'text') {
      const end = at + node.value.length
      if (kind !== undefined && end > at) tokens.push({ start: at, end, kind })
      at = end
    } else if (node.type === 'element') {
      for (const child of node.children) visit(child, kindOf(node.properties.className) ?? kind)
    }
  }
  for (const node of lowlight.highlight(language, code).children) visit(node, undefined)
  return tokens
}

/** Few colours read better than many: kinds that mean the same share one. */
const kinds: Record<string, string> = {
  keyword: 'keyword',
  built_in: 'name',
  type: 'name',
  class: 'name',
  title: 'title',
  section: 'title',
  name: 'keyword',
  tag: 'keyword',
  'selector-tag': 'keyword',
  literal: 'value',
  number: 'value',
  symbol: 'value',
  string: 'string',
  regexp: 'string',
  attr: 'name',
  attribute: 'name',
  variable: 'name',
  comment: 'comment',
  quote: 'comment',
  doctag: 'comment',
  meta: 'comment',
  addition: 'addition',
  deletion: 'deletion',
}

function kindOf(names: unknown): string | undefined {
  const [first] = Array.isArray(names) ? (names as unknown[]) : []
  return typeof first === 'string'
    ? kinds[first.replace(/^hljs-/, '').replace(/_$/, '')]
    : undefined
}
