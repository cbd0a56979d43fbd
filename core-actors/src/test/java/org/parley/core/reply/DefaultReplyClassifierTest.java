package org.parley.core.reply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.strings;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.parley.core.api.Channel;
import org.parley.core.api.Intent;
import org.parley.core.spi.ReplyClassifier.Keyword;
import org.parley.core.spi.ReplyClassifier.Meaning;
import org.parley.core.spi.ReplyClassifier.Sentiment;

class DefaultReplyClassifierTest {
  private static final DefaultReplyClassifier CLASSIFIER = DefaultReplyClassifier.load();

  private static Meaning meaning(String text) {
    return CLASSIFIER.classify(text, Channel.SMS, Optional.empty());
  }

  private static Optional<Keyword> keyword(String text, String locale) {
    return CLASSIFIER.classify(text, Channel.SMS, Optional.of(locale)).keyword();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "STOP",
        " stop. ",
        "Stop!!!",
        "\"STOP\"",
        "STOPALL",
        "stop all",
        "Unsubscribe",
        "END",
        "quit",
        "Cancel",
        "REVOKE",
        "opt-out",
        "ＳＴＯＰ",
        "ARRÊT",
        "arret",
        "Baja",
        "abmelden",
        "Afmelden",
        "СТОП",
        "停止",
        "退订",
        "please stop",
        "Stop\n\nKind regards\nAnna",
        "Please unsubscribe me from this list",
        "I want to unsubscribe",
        "Hi, could you please remove me from your mailing list? Thanks, Tom",
        "take me off this list",
        "stop texting me",
        "Stop sending me these messages!!",
        "Don't contact me again",
        "Please don\u2019t send me any more emails",
        "I no longer want to receive your newsletters",
        "How do I unsubscribe from this?",
        "leave me alone",
        "Bitte melden Sie mich vom Newsletter ab",
        "Ich möchte keine weiteren Nachrichten",
        "Keine Werbung mehr bitte",
        "Nehmen Sie mich bitte aus Ihrem Verteiler",
        "Désabonnez-moi s'il vous plaît",
        "Je ne souhaite plus recevoir vos messages",
        "Ne m'envoyez plus de SMS",
        "Quiero darme de baja",
        "No me envíen más mensajes",
        "Cancellatemi dalla lista",
        "Não quero mais receber mensagens",
        "Schrijf mij uit van de nieuwsbrief",
      })
  void whoAsksForSilenceIsUnderstood(String text) {
    assertThat(meaning(text).keyword()).contains(Keyword.STOP);
    assertThat(meaning(text).intent()).isEqualTo(Intent.OTHER);
    assertThat(meaning(text).confidence()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " \n ",
        "Don't stop!",
        "Please don't stop sending these, I love them",
        "Please don't unsubscribe me",
        "I do not want to unsubscribe from this list",
        "The bus stop is around the corner",
        "When does this offer end?",
        "I want to cancel my appointment on Friday",
        "Can I cancel at any time?",
        "Don't call me today, call me tomorrow",
        "My washing machine stopped working",
        "Please help me with my order",
        "Remove the second item from my order",
        "Put me on the list please",
        "I have no more questions",
        "Ich melde mich nächste Woche ab Montag",
        "Ich kann den Termin nicht wahrnehmen",
        "Pouvez-vous m'envoyer plus de détails ?",
        "No tengo más preguntas",
        "Me di de baja hace meses y me siguen cobrando",
      })
  void whoDoesNotAskForSilenceGoesOnHearingFromUs(String text) {
    assertThat(meaning(text).keyword()).isEmpty();
  }

  @Test
  void wordsThatMeanSomethingElseElsewhereCountOnlyInTheirOwnLanguage() {
    assertThat(keyword("Ende", "de-AT")).contains(Keyword.STOP);
    assertThat(keyword("Ende", "en-GB")).isEmpty();
    assertThat(keyword("FIN", "fr")).contains(Keyword.STOP);
    assertThat(keyword("fin", "sv")).isEmpty();
    assertThat(keyword("iptal", "tr-TR")).contains(Keyword.STOP);
    assertThat(keyword("Avslutt", "no")).contains(Keyword.STOP);
    assertThat(keyword("parar", "pt-BR")).contains(Keyword.STOP);
    assertThat(keyword("parar", "es-MX")).contains(Keyword.STOP);
    assertThat(meaning("parar").keyword()).contains(Keyword.STOP);
    assertThat(keyword("STOP", "de-AT")).contains(Keyword.STOP);
    assertThat(keyword("STOP", "not a language tag")).contains(Keyword.STOP);
  }

  @Test
  void startAndHelpAreCommandsWhenTheyStandAlone() {
    for (String text : List.of("START", "Unstop", "opt in", "Anmelden")) {
      assertThat(meaning(text).keyword()).as(text).contains(Keyword.START);
    }
    for (String text : List.of("HELP", "info?", "Hilfe", "Aide", "AYUDA", "yardım", "помощь")) {
      assertThat(meaning(text).keyword()).as(text).contains(Keyword.HELP);
    }
    for (String text : List.of("When do you start?", "Info\nfor Ms Berg", "I need help")) {
      assertThat(meaning(text).keyword()).as(text).isEmpty();
    }
  }

  @Test
  void commonAnswersHaveTheirIntent() {
    assertThat(meaning("Yes please, count me in!").intent()).isEqualTo(Intent.INTERESTED);
    assertThat(meaning("Not right now, maybe next month").intent()).isEqualTo(Intent.NOT_NOW);
    assertThat(meaning("How much does it cost?").intent()).isEqualTo(Intent.QUESTION);
    assertThat(meaning("Your service is terrible, I want my money back").intent())
        .isEqualTo(Intent.COMPLAINT);
    assertThat(meaning("Sorry, you have the wrong number").intent()).isEqualTo(Intent.WRONG_PERSON);
    assertThat(
            meaning("I am out of the office until Monday and will reply when I am back").intent())
        .isEqualTo(Intent.OUT_OF_OFFICE);
    assertThat(meaning("Was kostet das?").intent()).isEqualTo(Intent.QUESTION);
    assertThat(meaning("Falsche Nummer").intent()).isEqualTo(Intent.WRONG_PERSON);
    assertThat(meaning("Non merci, pas maintenant").intent()).isEqualTo(Intent.NOT_NOW);
    assertThat(meaning("Sí, me interesa mucho").intent()).isEqualTo(Intent.INTERESTED);
  }

  @Test
  void theToneIsTold() {
    assertThat(meaning("Thank you so much, I love it!").sentiment()).isEqualTo(Sentiment.POSITIVE);
    assertThat(meaning("This is the worst service ever").sentiment()).isEqualTo(Sentiment.NEGATIVE);
    assertThat(meaning("What are your opening hours?").sentiment()).isEqualTo(Sentiment.NEUTRAL);
  }

  @Test
  void whatIsNotUnderstoodIsOtherAndNotAGuess() {
    for (String text : List.of("xqzt vfgh wpl", "мы были вчера в кино", "今日は暑いですね")) {
      Meaning meaning = meaning(text);
      assertThat(meaning.intent()).as(text + " " + meaning).isEqualTo(Intent.OTHER);
    }
  }

  @Test
  void noTextIsTooStrange() {
    qt().withFixedSeed(4711)
        .withExamples(1_000)
        .forAll(
            strings().allPossible().ofLengthBetween(0, 200),
            strings().betweenCodePoints(0xD7F0, 0xE010).ofLengthBetween(0, 20))
        .checkAssert(
            (text, odd) -> {
              Meaning meaning =
                  CLASSIFIER.classify(odd + text + odd, Channel.EMAIL, Optional.of(odd));
              assertThat(meaning.confidence()).isBetween(0.0, 1.0);
            });
  }

  @Test
  void aVeryLongTextCostsNoMoreThanItsBeginning() {
    for (String piece :
        List.of("a", "please remove me from ", "\u0300", "\ufdfa", "no me ", "\n")) {
      String text = piece.repeat(2_000_000 / piece.length());
      long start = System.nanoTime();
      meaning(text);
      assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isLessThan(3_000);
    }
  }

  @Test
  void manyThreadsGetTheSameAnswers() throws Exception {
    List<String> texts =
        ReplyTraining.samples().stream().map(ReplyTraining.Sample::text).limit(150).toList();
    List<Meaning> alone = texts.stream().map(DefaultReplyClassifierTest::meaning).toList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<List<Meaning>> all =
          () -> texts.stream().map(DefaultReplyClassifierTest::meaning).toList();
      List<Future<List<Meaning>>> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) answers.add(threads.submit(all));
      for (Future<List<Meaning>> answer : answers) {
        assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(alone);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void theSameSentencesGiveTheSameModel() {
    List<ReplyTraining.Sample> some = ReplyTraining.samples().subList(0, 200);
    double[] first = chances(some);
    assertThat(chances(some)).isEqualTo(first);
  }

  private static double[] chances(List<ReplyTraining.Sample> samples) {
    return new opennlp.tools.doccat.DocumentCategorizerME(
            ReplyTraining.train(samples, ReplyTraining.Sample::intent))
        .categorize(Features.of("Could you tell me the price please"));
  }
}
