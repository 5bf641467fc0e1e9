// What stands on a card beside its code, and all that stands there: no organisation, no place, no date. Whoever stops its
// holder must learn that it proves nothing; whoever holds it, that it may go. The node prints the same words, also in
// languages that the desk itself does not speak.

const faces: Record<string, string> = {
  en: 'This is not an identity paper. Nobody has to carry it. It may be thrown away.',
  fr: 'Ceci n’est pas une pièce d’identité. Personne n’est obligé de la porter. On peut la jeter.',
  ar: 'هذه ليست وثيقة هوية. لا أحد ملزم بحملها. يمكن رميها.',
  es: 'Esto no es un documento de identidad. Nadie está obligado a llevarlo. Se puede tirar.',
  ha: 'Wannan ba takardar shaida ba ce. Ba dole ba ne a ɗauke ta. Ana iya jefar da ita.',
}

/** faceOf is the sentence in the person's language, in English where there is none. */
export function faceOf(language: string): { lang: string; dir: 'ltr' | 'rtl'; text: string } {
  const lang = language.toLowerCase().split('-')[0] ?? ''
  const known = lang in faces ? lang : 'en'
  return { lang: known, dir: known === 'ar' ? 'rtl' : 'ltr', text: faces[known]! }
}
