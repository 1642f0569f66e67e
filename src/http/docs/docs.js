// Shows /api/openapi.json: every call with its parameters and shapes, and a way to try it.
'use strict'

const el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : value)
  }
  node.append(...children.filter((child) => child !== undefined && child !== null))
  return node
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

/** A schema as text in the manner of TypeScript; `seen` ends circles. */
function shape(api, schema, seen = [], indent = '') {
  if (!schema) return 'any'
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop()
    if (seen.includes(name)) return name
    return shape(api, api.components.schemas[name], [...seen, name], indent)
  }
  const choices = schema.oneOf ?? schema.anyOf
  if (choices) return choices.map((choice) => shape(api, choice, seen, indent)).join(' | ')
  if (schema.allOf) return schema.allOf.map((part) => shape(api, part, seen, indent)).join(' & ')
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const types = [schema.type].flat()
  if (types.includes('array')) {
    if (schema.prefixItems) return `[${schema.prefixItems.map((item) => shape(api, item, seen, indent)).join(', ')}]`
    return `${shape(api, schema.items, seen, indent)}[]`
  }
  if (schema.properties) {
    const inner = `${indent}  `
    const required = schema.required ?? []
    const lines = Object.entries(schema.properties).map(([name, property]) => {
      const about = property.description ? `  // ${property.description.replaceAll('\n', ' ')}` : ''
      return `${inner}${name}${required.includes(name) ? '' : '?'}: ${shape(api, property, seen, inner)}${about}`
    })
    return `{\n${lines.join('\n')}\n${indent}}`
  }
  return types.map((type) => type ?? 'any').join(' | ')
}

function parameters(call) {
  const list = call.parameters ?? []
  if (list.length === 0) return undefined
  return el(
    'table',
    {},
    ...list.map((parameter) =>
      el(
        'tr',
        {},
        el('td', {}, el('code', {}, parameter.name)),
        el('td', { class: 'type' }, `${parameter.in}${parameter.required ? '' : ', optional'}`),
        el('td', {}, parameter.description ?? ''),
      ),
    ),
  )
}

function answers(api, call) {
  return Object.entries(call.responses ?? {})
    .filter(([status]) => status !== 'default')
    .flatMap(([status, answer]) => {
      const content = Object.entries(answer.content ?? {})[0]
      return [
        el('p', {}, el('strong', {}, status), ` ${answer.description}`),
        content ? el('pre', {}, shape(api, content[1].schema)) : undefined,
      ]
    })
}

/** Fields for what varies and a button; the session's cookie does the rest. */
function trial(method, path, call, body) {
  const fields = (call.parameters ?? []).map((parameter) => ({
    parameter,
    input: el('input', { 'aria-label': parameter.name, placeholder: parameter.name }),
  }))
  const text = body ? el('textarea', { 'aria-label': 'body', spellcheck: 'false' }, '{}') : undefined
  const output = el('pre', { hidden: true })
  const send = async () => {
    let url = path
    const query = new URLSearchParams()
    for (const { parameter, input } of fields) {
      if (parameter.in === 'path') url = url.replace(`{${parameter.name}}`, encodeURIComponent(input.value))
      else if (input.value !== '') query.set(parameter.name, input.value)
    }
    if (query.size > 0) url += `?${query}`
    output.hidden = false
    output.textContent = '…'
    try {
      const response = await fetch(url, {
        method: method.toUpperCase(),
        ...(text ? { headers: { 'content-type': 'application/json' }, body: text.value } : {}),
      })
      const answer = await response.text()
      let shown = answer
      try {
        shown = JSON.stringify(JSON.parse(answer), null, 2)
      } catch {
        // Not JSON: shown as it came.
      }
      output.textContent = `${response.status} ${response.statusText}\n\n${shown}`
    } catch (error) {
      output.textContent = String(error)
    }
  }
  const stream = Boolean(call.responses?.['200']?.content?.['text/event-stream'])
  if (stream) return el('p', { class: 'about' }, 'A stream without an end: try it with curl.')
  return el('div', {}, ...fields.map((field) => field.input), text, el('p', {}, el('button', { type: 'button', onclick: send }, 'Try it')), output)
}

function entry(api, path, method, call) {
  const body = call.requestBody?.content?.['application/json']?.schema
  const inside = el('div')
  const details = el(
    'details',
    { id: call.operationId },
    el(
      'summary',
      {},
      el('span', { class: 'method' }, method.toUpperCase()),
      el('code', {}, path),
      ' ',
      el('span', { class: 'about' }, call.summary ?? ''),
    ),
    inside,
  )
  const fill = () => {
    const open = Array.isArray(call.security) && call.security.length === 0
    inside.append(
      el('p', { class: 'about' }, open ? 'Needs nobody.' : 'Needs somebody who is signed in.'),
      ...[parameters(call), body ? el('pre', {}, shape(api, body)) : undefined, ...answers(api, call)].filter(Boolean),
      trial(method, path, call, body),
    )
  }
  details.addEventListener('toggle', fill, { once: true })
  details.dataset.words = `${method} ${path} ${call.summary ?? ''}`.toLowerCase()
  return details
}

async function show() {
  const api = await (await fetch('/api/openapi.json')).json()
  document.getElementById('version').textContent = api.info.version
  document.getElementById('about').textContent = api.info.description ?? ''
  const nouns = new Map()
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((name) => item[name])) {
      const noun = item[method].tags?.[0] ?? ''
      if (!nouns.has(noun)) nouns.set(noun, [])
      nouns.get(noun).push(entry(api, path, method, item[method]))
    }
  }
  const calls = document.getElementById('calls')
  for (const [noun, entries] of nouns) {
    document.getElementById('nouns').append(el('a', { href: `#noun-${noun}` }, noun))
    calls.append(el('section', { id: `noun-${noun}` }, el('h2', {}, noun), ...entries))
  }
  document.getElementById('find').addEventListener('input', (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/)
    for (const details of calls.querySelectorAll('details')) {
      details.hidden = !words.every((word) => details.dataset.words.includes(word))
    }
    for (const section of calls.querySelectorAll('section')) {
      section.hidden = !section.querySelector('details:not([hidden])')
    }
  })
}

show().catch((error) => {
  document.getElementById('calls').textContent = `The document cannot be shown: ${error}`
})
