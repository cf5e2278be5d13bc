// Tells whether documents hold by the excerpt of the Finvoice 3.0 schema beside this: node check.mjs a.xml b.xml
import { readFile } from 'node:fs/promises'
import { validateXML } from 'xmllint-wasm'

const schema = { fileName: 'excerpt.xsd', contents: await readFile(new URL('excerpt.xsd', import.meta.url), 'utf8') }
const names = process.argv.slice(2)
if (names.length === 0) throw new Error('which documents?')
for (const fileName of names) {
  const contents = await readFile(fileName, 'utf8')
  const whole = await validateXML({ xml: [{ fileName, contents }], schema: [schema] })
  if (!whole.valid) throw new Error(whole.errors.map(error => error.rawMessage).join('\n'))
  // What the schema must refuse, so that it is known to look: a row without its place in the order, and another currency.
  for (const wrong of [contents.replace(/<OriginCode>.*<\/OriginCode>\s*/, ''), contents.replace('"EUR"', '"USD"')]) {
    const spoilt = await validateXML({ xml: [{ fileName, contents: wrong }], schema: [schema] })
    if (spoilt.valid) throw new Error(`${fileName}: spoilt, and still valid`)
  }
}
console.log(`${names.length} documents hold`)
