package org.parley.agents.phone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.core.api.CallResult;
import org.parley.core.api.CallResult.EndedBy;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;

/** What a connector that places calls promises, whatever exchange is at the other end. */
abstract class CallConformanceTest {
  private static final String NUMBER = "+493020";

  @TempDir Path directory;

  /** Who is called. */
  enum Callee {
    /** Takes up the phone, and listens. */
    ANSWERS,
    BUSY,
    DECLINES,
    /** Rings until the caller gives up. */
    NEVER_ANSWERS,
    /** Takes up the phone as the caller gives up. */
    CROSSES,
    /** Sends the caller to another address, where somebody answers. */
    REDIRECTS,
    /** Answers whoever knows that the password of {@code relay} is {@code secret}. */
    CHALLENGES,
    /** Answers, and hangs up in the middle of the prompt. */
    HANGS_UP
  }

  /** A connector with some settings, to an exchange where this callee is the only one. */
  abstract SipConnector connectorTo(Callee callee, String settings) throws Exception;

  /** The number that reaches the callee. */
  String number(Callee callee) {
    return NUMBER;
  }

  /** Fails when the exchange has seen what it must not see. */
  abstract void assertThatTheExchangeIsContent() throws Exception;

  @BeforeEach
  void record() throws Exception {
    Path unused = Phones.tone(directory.resolve("hello.wav"), 1000);
  }

  private Outcome call(Callee callee, String settings) throws Exception {
    return Phones.call(connectorTo(callee, settings), number(callee));
  }

  @Test
  void aCallIsAnsweredAndHungUp() throws Exception {
    SipConnector connector = connectorTo(Callee.ANSWERS, "");
    assertThat(connector.carrier()).isEqualTo("main");
    assertThat(connector.channel()).isEqualTo(Channel.PHONE);

    Outcome outcome = Phones.call(connector, number(Callee.ANSWERS));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(outcome.carrier()).contains("main");
    CallResult call = outcome.call().orElseThrow();
    assertThat(call.endedBy()).isEqualTo(EndedBy.US);
    assertThat(call.lasted()).as("with the prompt").isGreaterThan(Duration.ofMillis(900));
    assertThatTheExchangeIsContent();
  }

  @Test
  void busyIsBusy() throws Exception {
    Outcome outcome = call(Callee.BUSY, "");
    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.REJECTED);
    assertThat(outcome.reason()).contains("busy");
    assertThatTheExchangeIsContent();
  }

  @Test
  void declinedIsDeclined() throws Exception {
    Outcome outcome = call(Callee.DECLINES, "");
    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.REJECTED);
    assertThat(outcome.reason()).contains("declined");
    assertThatTheExchangeIsContent();
  }

  @Test
  void nobodyAnswersAndTheCallIsTakenBack() throws Exception {
    Outcome outcome = call(Callee.NEVER_ANSWERS, "ring-timeout = 1s");
    assertThat(outcome.reason()).contains("noAnswer");
    assertThatTheExchangeIsContent();
  }

  @Test
  void anAnswerThatCrossesTheCancelIsHungUpOn() throws Exception {
    Outcome outcome = call(Callee.CROSSES, "ring-timeout = 1s");
    assertThat(outcome.reason()).contains("noAnswer");
    assertThatTheExchangeIsContent();
  }

  @Test
  void aRedirectIsFollowedInTheSameCall() throws Exception {
    assertThat(call(Callee.REDIRECTS, "").kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThatTheExchangeIsContent();
  }

  @Test
  void aPasswordIsProved() throws Exception {
    Outcome outcome = call(Callee.CHALLENGES, "username = relay, password = secret");
    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThatTheExchangeIsContent();
  }

  @Test
  void aCustomerHangsUpInTheMiddleOfThePrompt() throws Exception {
    Outcome outcome = call(Callee.HANGS_UP, "answer-wait = 20s");
    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(outcome.call().orElseThrow().endedBy()).isEqualTo(EndedBy.CUSTOMER);
    assertThatTheExchangeIsContent();
  }
}
