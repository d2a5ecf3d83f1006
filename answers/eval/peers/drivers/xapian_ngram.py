"""Xapian with its default BM25 over its CJK n-grams (one and two characters).
The question becomes an OR of its terms.
"""

import sys
import tempfile

import xapian

import peer


def terms_of(text):
    """Returns a document that holds the text's terms."""
    document = xapian.Document()
    terms = xapian.TermGenerator()
    terms.set_flags(xapian.TermGenerator.FLAG_CJK_NGRAM)
    terms.set_document(document)
    terms.index_text_without_positions(text)
    return document


def build(passages):
    folder = tempfile.TemporaryDirectory()
    db = xapian.WritableDatabase(folder.name, xapian.DB_CREATE_OR_OPEN)
    for name, text in passages:
        document = terms_of(text)
        document.set_data(name)
        db.add_document(document)
    db.commit()
    enquire = xapian.Enquire(db)

    def search(question, top):
        document = terms_of(question)  # the list of terms does not keep it alive
        terms = [xapian.Query(t.term, t.wdf) for t in document.termlist()]
        enquire.set_query(xapian.Query(xapian.Query.OP_OR, terms))
        return [hit.document.get_data().decode() for hit in enquire.get_mset(0, top)]

    search.keep = folder  # the folder lives as long as the search
    return search


peer.run(build, sys.argv[1:])
