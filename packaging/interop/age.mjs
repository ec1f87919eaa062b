// Usage: node age.mjs generate | encrypt RECIPIENT… | decrypt IDENTITY, from stdin to stdout.
import { buffer } from "node:stream/consumers";
import { argv, stdin, stdout } from "node:process";
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";

const [verb, ...keys] = argv.slice(2);
if (verb === "generate") {
  const identity = await generateHybridIdentity();
  stdout.write(`${identity}\n${await identityToRecipient(identity)}\n`);
} else if (verb === "encrypt") {
  const encrypter = new Encrypter();
  keys.forEach((recipient) => encrypter.addRecipient(recipient));
  stdout.write(await encrypter.encrypt(new Uint8Array(await buffer(stdin))));
} else if (verb === "decrypt") {
  const decrypter = new Decrypter();
  decrypter.addIdentity(keys[0]);
  stdout.write(await decrypter.decrypt(new Uint8Array(await buffer(stdin))));
} else {
  throw new Error(`unknown verb ${verb}`);
}
