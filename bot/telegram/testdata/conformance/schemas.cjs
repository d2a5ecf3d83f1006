// Reads JSON lines {"type","value"}; writes for each {"errors":[…]} against
// the schema of that type in @gramio/types.
const readline = require('node:readline')
const path = require('node:path')
const Ajv = require('ajv').default
const { createGenerator } = require('ts-json-schema-generator')

const folder = path.join(__dirname, 'node_modules/@gramio/types/out')
const ajv = new Ajv({ strict: false, allErrors: true, allowUnionTypes: true })
const validators = new Map()
const generators = new Map()

function generator(file) {
  if (!generators.has(file)) {
    generators.set(file, createGenerator({ path: path.join(folder, file), tsconfig: path.join(__dirname, 'tsconfig.json'), skipTypeCheck: true, additionalProperties: false }))
  }
  return generators.get(file)
}

function validator(type) {
  if (!validators.has(type)) {
    const file = type.endsWith('Params') ? 'params.d.ts' : 'objects.d.ts'
    validators.set(type, ajv.compile(generator(file).createSchema(type)))
  }
  return validators.get(type)
}

readline.createInterface({ input: process.stdin }).on('line', line => {
  const { type, value } = JSON.parse(line)
  let errors = []
  try {
    const valid = validator(type)
    if (!valid(value)) errors = valid.errors.map(e => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`)
  } catch (e) {
    errors = [String(e.message)]
  }
  process.stdout.write(JSON.stringify({ errors }) + '\n')
})
