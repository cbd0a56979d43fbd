package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.sbr.DowningStrategy;
import org.apache.pekko.cluster.sbr.DowningStrategy.AcquireLeaseAndDownUnreachable;
import org.apache.pekko.cluster.sbr.LeaseMajority;
import org.apache.pekko.cluster.sbr.LeaseMajoritySettings;
import org.apache.pekko.cluster.sbr.SplitBrainResolverSettings;
import org.apache.pekko.util.Version;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Which side is ahead when the nodes lose sight of each other: Pekko's rule with a node's settings.
 */
class SplitBrainTest {
  private static final String RESOLVER = "pekko.cluster.split-brain-resolver";

  @TempDir private Path directory;

  private final Member httpOne = member(1, "http");
  private final Member httpTwo = member(2, "http");
  private final Member httpThree = member(3, "http");
  private final Member conversationOne = member(4, "conversation", "http");
  private final Member conversationTwo = member(5, "conversation", "email-agent");

  @Test
  void theSideThatHoldsConversationsIsAheadOfALargerOneThatHoldsNone() {
    List<Member> holders = List.of(conversationOne, conversationTwo);
    List<Member> others = List.of(httpOne, httpTwo, httpThree);
    assertThat(delay(holders, others)).isZero();
    assertThat(delay(others, holders)).isPositive();
  }

  @Test
  void aSingleConversationNodeIsAheadOfAnotherNodeAtALowerAddress() {
    assertThat(delay(List.of(conversationOne), List.of(httpOne))).isZero();
    assertThat(delay(List.of(httpOne), List.of(conversationOne))).isPositive();
  }

  @Test
  void whereBothSidesHoldConversationsTheOneWithMoreOfTheirNodesIsAhead() {
    Member third = member(6, "conversation");
    List<Member> more = List.of(conversationTwo, third);
    List<Member> fewer = List.of(conversationOne, httpOne, httpTwo, httpThree);
    assertThat(delay(more, fewer)).isZero();
    assertThat(delay(fewer, more)).isPositive();
    List<Member> lowest = List.of(conversationOne);
    assertThat(delay(lowest, List.of(httpOne, conversationTwo))).as("as many").isZero();
    assertThat(delay(List.of(httpOne, conversationTwo), lowest)).as("as many").isPositive();
  }

  /** They ask for the lease like any others, so the nodes that are left go on. */
  @Test
  void aClusterWithoutConversationNodesStillDecides() {
    assertThat(delay(List.of(httpOne), List.of(httpTwo))).isZero();
  }

  /** With it the death of the last conversation node would end all the others. */
  @Test
  void withoutALeaseEveryNodeCounts() {
    Config config = load("parley.cluster.split-brain = majority");
    assertThat(config.getString(RESOLVER + ".keep-majority.role")).isEmpty();
  }

  /** How long a side waits before it asks for the lease; each side decides to ask. */
  private Duration delay(List<Member> reached, List<Member> unreached) {
    LeaseMajoritySettings settings =
        new SplitBrainResolverSettings(load("")).leaseMajoritySettings();
    DowningStrategy strategy =
        new LeaseMajority(
            "default",
            settings.role(),
            null,
            settings.acquireLeaseDelayForMinority(),
            settings.releaseAfter(),
            reached.get(0).uniqueAddress());
    reached.forEach(strategy::add);
    unreached.forEach(strategy::addUnreachable);
    AcquireLeaseAndDownUnreachable decision = (AcquireLeaseAndDownUnreachable) strategy.decide();
    return Duration.ofNanos(decision.acquireDelay().toNanos());
  }

  private static Member member(int number, String... roles) {
    Set<String> all = new HashSet<>(Set.of(roles));
    all.add("dc-default");
    Address address = new Address("pekko", "parley", "127.0.0." + number, 7355);
    return new Member(
        new UniqueAddress(address, (long) number),
        number,
        MemberStatus.up(),
        CollectionConverters.asScala(all).toSet(),
        new Version("1"));
  }

  private Config load(String settings) {
    NodeOptions options =
        new NodeOptions(
            Optional.of(directory.resolve("node.conf")),
            Optional.of(directory),
            Optional.empty(),
            Optional.empty(),
            false);
    try {
      Files.writeString(directory.resolve("node.conf"), settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return NodeConfig.load(options);
  }
}
