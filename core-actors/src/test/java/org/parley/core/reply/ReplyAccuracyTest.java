package org.parley.core.reply;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import opennlp.tools.doccat.DocumentCategorizerME;
import org.junit.jupiter.api.Test;
import org.parley.core.reply.ReplyTraining.Sample;

/** How often the models are right about sentences that they were not trained on. */
class ReplyAccuracyTest {
  private static final int FIFTH = 5;

  @Test
  void intentsAndTonesOfUnseenSentencesAreMostlyRight() {
    double intent = accuracy("intent", Sample::intent);
    double sentiment = accuracy("sentiment", Sample::sentiment);
    assertThat(intent).as("share of intents that are right").isGreaterThan(0.65);
    assertThat(sentiment).as("share of tones that are right").isGreaterThan(0.65);
  }

  /** Trains on four fifths, of each kind and language, and asks the rest. */
  private static double accuracy(String what, Function<Sample, String> category) {
    List<Sample> samples = ReplyTraining.samples();
    List<Sample> known = new ArrayList<>();
    List<Sample> unseen = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      (i % FIFTH == 0 ? unseen : known).add(samples.get(i));
    }
    DocumentCategorizerME model = new DocumentCategorizerME(ReplyTraining.train(known, category));
    Map<String, int[]> counts = new TreeMap<>();
    for (Sample sample : unseen) {
      double[] chances = model.categorize(Features.of(sample.text()));
      int hit = model.getBestCategory(chances).equals(category.apply(sample)) ? 1 : 0;
      for (String key : List.of("all", category.apply(sample), "language " + sample.language())) {
        int[] count = counts.computeIfAbsent(key, k -> new int[2]);
        count[0] += hit;
        count[1]++;
      }
    }
    counts.forEach(
        (key, n) -> System.out.printf("%s, %s: %d of %d right%n", what, key, n[0], n[1]));
    return (double) counts.getOrDefault("all", new int[2])[0] / unseen.size();
  }
}
