package org.parley.core.reply;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import opennlp.tools.doccat.DoccatFactory;
import opennlp.tools.doccat.DoccatModel;
import opennlp.tools.doccat.DocumentCategorizerME;
import opennlp.tools.doccat.DocumentSample;
import opennlp.tools.ml.maxent.quasinewton.QNTrainer;
import opennlp.tools.util.ObjectStreamUtils;
import opennlp.tools.util.TrainingParameters;

/**
 * Makes the models of {@link DefaultReplyClassifier} from {@code answers.tsv}, as a step of the
 * build. The same sentences give the same model.
 */
final class ReplyTraining {
  static final String INTENT_MODEL = "intent.bin";
  static final String SENTIMENT_MODEL = "sentiment.bin";

  private static final int ITERATIONS = 100;

  /** How strongly single words are held back; found by cross-validation. */
  private static final double RESTRAINT = 1;

  /** A sentence and what it means. */
  record Sample(String intent, String sentiment, String language, String text) {}

  private ReplyTraining() {}

  /**
   * Writes the models.
   *
   * @param args the folder in which they are to be
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) throw new IllegalArgumentException("name the folder for the models");
    Path folder = Files.createDirectories(Path.of(args[0]));
    List<Sample> samples = samples();
    write(train(samples, Sample::intent), folder.resolve(INTENT_MODEL));
    write(train(samples, Sample::sentiment), folder.resolve(SENTIMENT_MODEL));
  }

  private static void write(DoccatModel model, Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      model.serialize(out);
    }
  }

  /** The sentences that are part of Parley. */
  static List<Sample> samples() {
    return Resources.lines("answers.tsv").stream()
        .skip(1)
        .map(line -> line.split("\t", -1))
        .map(fields -> new Sample(fields[0], fields[1], fields[2], fields[3]))
        .toList();
  }

  static DoccatModel train(List<Sample> samples, Function<Sample, String> category) {
    TrainingParameters parameters = new TrainingParameters();
    parameters.put(TrainingParameters.ALGORITHM_PARAM, QNTrainer.MAXENT_QN_VALUE);
    parameters.put(TrainingParameters.ITERATIONS_PARAM, ITERATIONS);
    parameters.put(TrainingParameters.CUTOFF_PARAM, 1);
    parameters.put(QNTrainer.L1COST_PARAM, 0.0);
    parameters.put(QNTrainer.L2COST_PARAM, RESTRAINT);
    List<DocumentSample> documents =
        samples.stream()
            .map(s -> new DocumentSample(category.apply(s), Features.of(s.text())))
            .toList();
    try {
      return DocumentCategorizerME.train(
          "x-unspecified",
          ObjectStreamUtils.createObjectStream(documents),
          parameters,
          new DoccatFactory());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
