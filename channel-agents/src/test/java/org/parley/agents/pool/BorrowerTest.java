package org.parley.agents.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.parley.agents.Attempts;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;

/** What was sent to a node that cannot be reached any more, with the test as the other nodes. */
class BorrowerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LIFE = Duration.ofMillis(100);

  private final ActorTestKit kit = ActorTestKit.create();
  private final TestProbe<Loans.Ask> lender = kit.createTestProbe(Loans.Ask.class);
  private final TestProbe<Loans.Ask> other = kit.createTestProbe(Loans.Ask.class);
  private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
  private final ChannelPool pool =
      new ChannelPool(
          kit.system(), Channel.EMAIL, Pools.settings("").withoutAgents(), List.of(), List.of());
  private final ActorRef<Borrower.Command> borrower =
      kit.spawn(Borrower.create(pool, nobody -> {}));
  private Loans.Perform sent;

  @BeforeEach
  void sendToTheLender() {
    know(Set.of(lender.ref()), Set.of(lender.ref()));
    Loans.Borrow ask = lender.expectMessageClass(Loans.Borrow.class, PATIENCE);
    borrower.tell(
        new Loans.Lent(lender.ref(), ask.wanted(), Duration.ofSeconds(5), Optional.empty()));
    Attempt any = Attempts.to("ann@example.com");
    Attempt attempt = any.ending(any.grantedAt().plus(LIFE), System.nanoTime() + LIFE.toNanos());
    borrower.tell(new Errand(attempt, outcomes::add, left -> {}, null));
    sent =
        (Loans.Perform)
            lender
                .fishForMessage(
                    PATIENCE,
                    message ->
                        message instanceof Loans.Perform
                            ? FishingOutcomes.complete()
                            : FishingOutcomes.continueAndIgnore())
                .get(0);
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private void know(Set<ActorRef<Loans.Ask>> all, Set<ActorRef<Loans.Ask>> reachable) {
    borrower.tell(new Borrower.Lenders(all, reachable));
  }

  /** The borrower asks whoever lends with each of its looks at what nobody will answer. */
  private void awaitItsNextLooks() {
    for (int i = 0; i < 4; i++) other.expectMessageClass(Loans.Borrow.class, PATIENCE);
  }

  @Test
  void whatANodeThatCouldNotBeReachedForAWhileSaysLaterCounts() {
    know(Set.of(lender.ref(), other.ref()), Set.of(other.ref()));
    awaitItsNextLooks();

    assertThat(outcomes).isEmpty();
    assertThat(pool.places().capacity()).as("the place of what is there").isEqualTo(1);

    Outcome accepted = Outcome.accepted("main", Optional.empty());
    borrower.tell(new Loans.Performed(sent.number(), accepted));
    awaitItsNextLooks();
    assertThat(outcomes).containsExactly(accepted);
    assertThat(pool.places().capacity()).isZero();
  }

  @Test
  void whatANodeHadThatIsNoneOfTheClustersAnyMoreIsUnknown() {
    know(Set.of(other.ref()), Set.of(other.ref()));
    awaitItsNextLooks();

    assertThat(outcomes).containsExactly(Outcome.unknown("agentLost"));
    borrower.tell(new Loans.Performed(sent.number(), Outcome.accepted("main", Optional.empty())));
    awaitItsNextLooks();
    assertThat(outcomes).hasSize(1);
  }
}
