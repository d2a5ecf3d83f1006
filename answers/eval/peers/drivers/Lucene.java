import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.cn.smart.SmartChineseAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.QueryBuilder;

/**
 * Lucene with its default BM25 and the analyzer named: smartcn or cjk. The
 * question becomes an OR of its tokens.
 *
 * Arguments: analyzer, passages, questions, the number of passages wanted.
 * Both files have one record a line, id TAB text.
 */
public final class Lucene {
    public static void main(String[] args) throws Exception {
        int top = Integer.parseInt(args[3]);
        PrintWriter out = new PrintWriter(new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8)));
        try (Analyzer analyzer = args[0].equals("smartcn") ? new SmartChineseAnalyzer() : new CJKAnalyzer();
                ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
            long start = System.nanoTime();
            index(directory, analyzer, read(args[1]));
            try (DirectoryReader reader = DirectoryReader.open(directory)) {
                out.println("indexed\t" + (System.nanoTime() - start) / 1000);
                search(new IndexSearcher(reader), new QueryBuilder(analyzer), read(args[2]), top, out);
            }
        }
        out.flush();
    }

    private static List<String[]> read(String path) throws Exception {
        List<String[]> records = new ArrayList<>();
        for (String line : Files.readAllLines(Paths.get(path), StandardCharsets.UTF_8)) {
            records.add(line.split("\t", 2));
        }
        return records;
    }

    private static void index(ByteBuffersDirectory directory, Analyzer analyzer, List<String[]> passages) throws Exception {
        try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(analyzer))) {
            for (String[] passage : passages) {
                Document document = new Document();
                document.add(new StoredField("id", passage[0]));
                document.add(new TextField("text", passage[1], Field.Store.NO));
                writer.addDocument(document);
            }
        }
    }

    private static void search(IndexSearcher searcher, QueryBuilder queries, List<String[]> questions, int top,
            PrintWriter out) throws Exception {
        for (String[] question : questions) {
            long start = System.nanoTime();
            StringBuilder found = new StringBuilder();
            Query query = queries.createBooleanQuery("text", question[1]);
            if (query != null) {
                for (ScoreDoc hit : searcher.search(query, top).scoreDocs) {
                    found.append('\t').append(searcher.doc(hit.doc).get("id"));
                }
            }
            out.println(question[0] + "\t" + (System.nanoTime() - start) / 1000 + found);
        }
    }
}
