package org.parley.core.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.spi.Attempt;

class GateTest {
  private static final Instant MORNING = Instant.parse("2026-11-24T10:00:00Z");
  private static final long LIFE_NANOS = Duration.ofSeconds(30).toNanos();
  private static final long OWN = 7;
  private static final CustomerKey ADA = CustomerKey.of("ada");
  private static final StepKey HELLO = new StepKey("cmp_a", "hello");
  private static final StepKey RECEIPT = StepKey.message("msg_1");

  private final AtomicReference<Instant> now = new AtomicReference<>(MORNING);
  private final CampaignBook book =
      new CampaignBook(id -> CompletableFuture.completedFuture(Optional.empty()), now::get);
  private final OptOuts optOuts = new OptOuts();
  private final Fence fence = new Fence(OWN);
  // Where it begins means nothing, so it begins where it soon wraps around.
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE);
  private final Gate gate = new Gate(book, optOuts, fence, now::get, nanos::get);

  private static Attempt attempt(StepKey key, Category category) {
    return attempt(key, category, OWN);
  }

  private static Attempt attempt(StepKey key, Category category, long epoch) {
    return new Attempt(
        AttemptId.of(ADA, key, 1),
        ADA,
        key,
        1,
        Channel.EMAIL,
        category,
        "ada@example.com",
        Profile.EMPTY,
        Template.text("Hello", "Hello"),
        Optional.empty(),
        MORNING,
        MORNING.plusSeconds(30),
        epoch,
        Long.MAX_VALUE + LIFE_NANOS);
  }

  private static final Attempt MARKETING = attempt(HELLO, Category.MARKETING);
  private static final Attempt TRANSACTIONAL = attempt(RECEIPT, Category.TRANSACTIONAL);

  private void tell(CampaignStatus status, long version) {
    book.tell(
        new CampaignView(
            "cmp_a",
            version,
            status,
            new CampaignDefinition(
                "Spring", "aud_1", Category.MARKETING, List.of(), Schedule.NOW, Policy.NONE),
            Optional.of(3L),
            MORNING,
            Optional.of(MORNING),
            Optional.empty()));
  }

  private void consent(Channel channel, ConsentState state) {
    optOuts.changed(ADA, Map.of(channel, state));
  }

  @Test
  void aGrantEndsWithItsLife() {
    assertThat(gate.stop(MARKETING)).isEmpty();
    now.set(MORNING.plusSeconds(30));
    assertThat(gate.stop(MARKETING)).as("in its last moment").isEmpty();
    now.set(MORNING.plusSeconds(30).plusMillis(1));
    assertThat(gate.stop(MARKETING)).contains("expired");
    assertThat(gate.stop(TRANSACTIONAL)).contains("expired");
  }

  @Test
  void aClockThatIsSetBackGivesNoGrantMoreTime() {
    now.set(MORNING.minusSeconds(300));
    nanos.addAndGet(LIFE_NANOS);
    assertThat(gate.stop(MARKETING)).as("in its last moment").isEmpty();
    nanos.incrementAndGet();
    assertThat(gate.stop(MARKETING)).contains("expired");
    assertThat(gate.stop(TRANSACTIONAL)).contains("expired");
  }

  @Test
  void aMachineThatWasSuspendedSendsNothingThoughItsMonotonicClockStoodStill() {
    now.set(MORNING.plusSeconds(60));
    assertThat(gate.stop(MARKETING)).contains("expired");
  }

  @Test
  void whatAnEndedLifeHasGrantedIsFencedHereToo() {
    Attempt lent = attempt(HELLO, Category.MARKETING, 5);
    gate.cameFrom(Address.apply("pekko", "parley", "10.0.0.5", 7355), 5);
    assertThat(gate.stop(lent)).isEmpty();
    fence.left(Address.apply("pekko", "parley", "10.0.0.5", 7355));
    assertThat(gate.stop(lent)).contains("fenced");
    assertThat(gate.stop(MARKETING)).as("our own").isEmpty();
  }

  @Test
  void aNodeThatIsNoMemberAnyMoreSendsNothing() {
    fence.leftOurselves();
    assertThat(gate.stop(MARKETING)).contains("fenced");
    assertThat(gate.stop(TRANSACTIONAL)).contains("fenced");
  }

  @Test
  void anOptOutStopsWhatIsGrantedAndAnOptInLetsItPass() {
    consent(Channel.EMAIL, ConsentState.OPTED_OUT);
    assertThat(gate.stop(MARKETING)).contains("optedOut");
    assertThat(gate.stop(TRANSACTIONAL)).as("what they asked for").isEmpty();
    assertThat(gate.stop(attempt(RECEIPT, Category.MARKETING)))
        .as("marketing outside campaigns")
        .contains("optedOut");
    consent(Channel.EMAIL, ConsentState.OPTED_IN);
    assertThat(gate.stop(MARKETING)).isEmpty();
  }

  @Test
  void anOptOutOfAnotherChannelOrCustomerStopsNothing() {
    consent(Channel.SMS, ConsentState.OPTED_OUT);
    optOuts.changed(CustomerKey.of("bob"), Map.of(Channel.EMAIL, ConsentState.OPTED_OUT));
    assertThat(gate.stop(MARKETING)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(CampaignStatus.class)
  void aCampaignThatRestsOrIsCancelledStopsItsOwnAttemptsOnly(CampaignStatus status) {
    tell(status, 2);
    Optional<String> expected =
        switch (status) {
          case PAUSED -> Optional.of("paused");
          case CANCELLING, CANCELLED -> Optional.of("cancelled");
          case DRAFT, SCHEDULED, RUNNING, COMPLETED -> Optional.empty();
        };
    assertThat(gate.stop(MARKETING)).isEqualTo(expected);
    assertThat(gate.stop(TRANSACTIONAL)).isEmpty();
    assertThat(gate.stop(attempt(new StepKey("cmp_b", "hello"), Category.MARKETING))).isEmpty();
  }

  @Test
  void aResumedCampaignsAttemptsPassAgain() {
    tell(CampaignStatus.PAUSED, 2);
    tell(CampaignStatus.RUNNING, 3);
    assertThat(gate.stop(MARKETING)).isEmpty();
  }
}
