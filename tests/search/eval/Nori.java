// Runs needs over Lucene with its Korean analyser, and over CJK bigrams.
// usage: java Nori TEXTS.jsonl QUERIES.txt OUT.json
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.ko.KoreanAnalyzer;
import org.apache.lucene.document.*;
import org.apache.lucene.index.*;
import org.apache.lucene.queryparser.classic.*;
import org.apache.lucene.search.*;
import org.apache.lucene.store.*;

public class Nori {
    static final int TOP = 100_000;

    public static void main(String[] args) throws Exception {
        List<String> texts = new ArrayList<>();
        for (String line : Files.readAllLines(Paths.get(args[0]))) texts.add(line);
        List<String> queries = Files.readAllLines(Paths.get(args[1]));
        StringBuilder out = new StringBuilder("{");
        String comma = "";
        for (String kind : new String[] {"nori", "bigrams"}) {
            Analyzer analyzer = kind.equals("nori") ? new KoreanAnalyzer() : new CJKAnalyzer();
            Directory dir = new ByteBuffersDirectory();
            long began = System.nanoTime();
            try (IndexWriter writer = new IndexWriter(dir, new IndexWriterConfig(analyzer))) {
                for (int n = 0; n < texts.size(); n++) {
                    Document doc = new Document();
                    doc.add(new StoredField("id", n + 1));
                    doc.add(new TextField("text", texts.get(n), Field.Store.NO));
                    writer.addDocument(doc);
                }
            }
            System.err.printf("%s: built in %d ms%n", kind, (System.nanoTime() - began) / 1_000_000);
            IndexSearcher searcher = new IndexSearcher(DirectoryReader.open(dir));
            String[] modes = kind.equals("nori") ? new String[] {"or", "and", "phrase"} : new String[] {"and"};
            for (String mode : modes) {
                out.append(comma).append("\n\"").append(kind).append(' ').append(mode).append("\": [");
                comma = ",";
                String inner = "";
                for (String text : queries) {
                    QueryParser parser = new QueryParser("text", analyzer);
                    if (!mode.equals("or")) parser.setDefaultOperator(QueryParser.Operator.AND);
                    boolean quoted = text.startsWith("\"");
                    String asked = quoted ? text : QueryParser.escape(text);
                    if (mode.equals("phrase") && !quoted) asked = "\"" + asked + "\"";
                    out.append(inner).append("\n[");
                    inner = ",";
                    try {
                        TopDocs top = searcher.search(parser.parse(asked), TOP);
                        String sep = "";
                        for (ScoreDoc hit : top.scoreDocs) {
                            out.append(sep).append(searcher.doc(hit.doc).get("id"));
                            sep = ",";
                        }
                    } catch (ParseException e) {
                        // Nothing but particles: nothing is found.
                    }
                    out.append("]");
                }
                out.append("]");
            }
        }
        Files.write(Paths.get(args[2]), out.append("}").toString().getBytes(StandardCharsets.UTF_8));
    }
}
