package org.parley.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.parley.persistence.store.TestStores.get;
import static org.parley.persistence.store.TestStores.number;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.parley.core.api.Audience;
import org.parley.core.api.ImportReport;
import org.parley.core.api.Page;
import org.parley.core.api.Profile;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.parley.core.api.Reject;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.AudienceWriter;
import org.parley.core.spi.Member;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;

class AudiencesIT {
  private static final String TENANT = "default";
  private static final Instant AS_OF = Instant.parse("2026-11-20T10:15:30.123456Z");
  private static Database database;
  private static PostgresStores stores;
  private static AudienceStore audiences;

  @BeforeAll
  static void start() {
    database = TestDatabase.fresh();
    stores =
        TestStores.on(
            database.requests(),
            Map.of(
                "parley.stores.imports.chunk",
                "64 KiB",
                "parley.stores.imports.remembered-ids",
                2_000));
    audiences = stores.audiences();
  }

  @AfterAll
  static void stop() {
    stores.close();
    database.close();
  }

  private static Member member(long position, String customerId) {
    return new Member(
        position,
        customerId,
        new Profile(
            Optional.of(customerId + "@example.org"),
            Optional.empty(),
            Optional.of("Europe/Vienna"),
            Optional.of("de-AT"),
            Map.of("firstName", "Zoë \"Q\" \\ \u0001\n😀", "plan", "gold"),
            AS_OF));
  }

  private static AudienceWriter open(String id) {
    get(audiences.create(TENANT, id, "Name of " + id));
    return audiences.openWriter(TENANT, id);
  }

  private static ImportReport importRange(String id, int from, int to) {
    try (AudienceWriter writer = open(id)) {
      for (int i = from; i < to; i++) writer.add(member(i + 2, "c" + i));
      return writer.commit(List.of("firstName", "plan"));
    }
  }

  private static List<Member> all(String id, int page) {
    List<Member> found = new ArrayList<>();
    for (int slice = 0; slice < AudienceStore.SLICES; slice++) {
      long after = 0;
      long count = found.size() + get(audiences.count(id, slice));
      while (true) {
        List<Member> next = get(audiences.members(id, slice, after, page));
        if (next.isEmpty()) break;
        for (Member member : next) {
          assertThat(AudienceStore.slice(member.customerId())).isEqualTo(slice);
          assertThat(member.position()).isGreaterThan(after);
          after = member.position();
        }
        found.addAll(next);
      }
      assertThat(found).hasSize((int) count);
    }
    return found;
  }

  @Test
  void everyMemberIsReadOnceWithAllThatWasImported() {
    ImportReport report = importRange("aud_all", 0, 1_500);
    assertThat(report).isEqualTo(new ImportReport(1_500, 0, 0, List.of("firstName", "plan")));
    List<Member> found = all("aud_all", 97);
    assertThat(found).hasSize(1_500);
    Set<Member> expected = new HashSet<>();
    for (int i = 0; i < 1_500; i++) expected.add(member(i + 2, "c" + i));
    assertThat(new HashSet<>(found)).isEqualTo(expected);
    Audience audience = get(audiences.find(TENANT, "aud_all")).orElseThrow();
    assertThat(audience.status()).isEqualTo(Audience.Status.READY);
    assertThat(audience.accepted()).isEqualTo(1_500);
    assertThat(audience.columns()).containsExactly("firstName", "plan");
  }

  @Test
  void ofRowsWithOneCustomerIdTheFirstStaysAlsoBeyondTheRememberedIds() {
    ImportReport report;
    try (AudienceWriter writer = open("aud_twice")) {
      long line = 1;
      for (int i = 0; i < 5_000; i++) writer.add(member(++line, "c" + i));
      // The first is remembered, the others are not: 2,000 ids are.
      writer.add(member(6_001, "c7"));
      writer.add(member(6_002, "c4000"));
      writer.add(member(6_003, "c4999"));
      writer.add(member(6_004, "c4999"));
      report = writer.commit(List.of());
    }
    assertThat(report).isEqualTo(new ImportReport(5_000, 4, 4, List.of()));
    List<Member> found = all("aud_twice", 1_000);
    assertThat(found).hasSize(5_000);
    assertThat(found).allMatch(m -> m.position() <= 5_001);
    Page<Reject> rejects = get(audiences.rejects(TENANT, "aud_twice", Optional.empty(), 10));
    assertThat(rejects.items())
        .extracting(Reject::line)
        .containsExactly(6_001L, 6_002L, 6_003L, 6_004L);
    assertThat(rejects.items()).allMatch(r -> r.reason().contains("customerId"));
  }

  @Test
  void aRowThatCannotBeStoredIsRejectedAndTheOthersGoOn() {
    try (AudienceWriter writer = open("aud_odd")) {
      Profile bad =
          new Profile(
              Optional.of("a\0b@example.org"),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Map.of(),
              AS_OF);
      writer.add(new Member(2, "c1", bad));
      writer.add(new Member(3, "c2\ud800", Profile.EMPTY));
      writer.add(member(4, "c1"));
      assertThat(writer.commit(List.of())).isEqualTo(new ImportReport(1, 2, 0, List.of()));
    }
    assertThat(all("aud_odd", 10)).containsExactly(member(4, "c1"));
  }

  @Test
  void aReplacementIsSeenWhenItIsCommittedAndTheOldRowsGo() {
    importRange("aud_new", 0, 1_000);
    try (AudienceWriter writer = open("aud_new")) {
      for (int i = 0; i < 1_500; i++) writer.add(member(i + 2, "d" + i));
      assertThat(all("aud_new", 500)).hasSize(1_000).allMatch(m -> m.customerId().startsWith("c"));
      writer.commit(List.of());
    }
    assertThat(all("aud_new", 500)).hasSize(1_500).allMatch(m -> m.customerId().startsWith("d"));
    awaitOneGeneration("aud_new", 1_500);
  }

  @Test
  void anImportThatIsGivenUpLeavesTheAudienceAsItWas() {
    importRange("aud_kept", 0, 800);
    try (AudienceWriter writer = open("aud_kept")) {
      for (int i = 0; i < 3_000; i++) writer.add(member(i + 2, "d" + i));
      writer.reject(new Reject(5_000, "nothing in it"));
    }
    assertThat(all("aud_kept", 500)).hasSize(800).allMatch(m -> m.customerId().startsWith("c"));
    assertThat(get(audiences.find(TENANT, "aud_kept")).orElseThrow().rejected()).isZero();
    awaitOneGeneration("aud_kept", 800);
  }

  @Test
  void anImportWhoseConnectionDiesFailsAndCanBeMadeAgain() {
    AudienceWriter writer = open("aud_cut");
    long killed =
        number(
            database.background(),
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'"
                + " AND database = (SELECT oid FROM pg_database WHERE datname ="
                + " current_database()) AND objsubid = 1 AND pid <> pg_backend_pid()");
    assertThat(killed).isGreaterThanOrEqualTo(1);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 5_000; i++) writer.add(member(i + 2, "c" + i));
              writer.commit(List.of());
            })
        .isInstanceOf(RuntimeException.class);
    writer.close();
    await("PostgreSQL lets go of what the dead connection had locked")
        .ignoreExceptionsInstanceOf(RefusedException.class)
        .until(() -> importRange("aud_cut", 0, 10).accepted() == 10);
    awaitOneGeneration("aud_cut", 10);
  }

  private static void awaitOneGeneration(String id, long members) {
    await(id + " has the rows of one generation only")
        .untilAsserted(
            () ->
                assertThat(
                        number(
                            database.background(),
                            "SELECT count(*) FROM audience_members m JOIN audience_generations g"
                                + " USING (generation) WHERE g.audience_id = '"
                                + id
                                + "'"))
                    .isEqualTo(members));
  }

  @Test
  void aFrozenAudienceRefusesImportsAlsoOneThatHasBegun() {
    importRange("aud_ice", 0, 10);
    try (AudienceWriter begun = open("aud_ice")) {
      begun.add(member(2, "late"));
      assertThat(get(audiences.freeze(TENANT, "aud_ice")).orElseThrow().status())
          .isEqualTo(Audience.Status.FROZEN);
      assertThat(get(audiences.freeze(TENANT, "aud_ice"))).isPresent();
      assertRefused(() -> begun.commit(List.of()), Refusal.Kind.CONFLICT, "audienceFrozen");
    }
    assertRefused(() -> open("aud_ice"), Refusal.Kind.CONFLICT, "audienceFrozen");
    assertThat(all("aud_ice", 100)).hasSize(10);
  }

  @Test
  void whatIsEmptyOrUnknownOrOfAnotherTenantIsNotFrozenNorFound() {
    get(audiences.create(TENANT, "aud_none", "Nobody"));
    assertThat(get(audiences.freeze(TENANT, "aud_none"))).isEmpty();
    assertThat(get(audiences.freeze(TENANT, "aud_unknown"))).isEmpty();
    assertThat(get(audiences.find("other", "aud_none"))).isEmpty();
    assertThatThrownBy(() -> get(audiences.create("other", "aud_none", "Mine")))
        .isInstanceOf(RefusedException.class);
    assertRefused(
        () -> audiences.openWriter(TENANT, "aud_unknown"),
        Refusal.Kind.NOT_FOUND,
        "unknownAudience");
  }

  private static void assertRefused(ThrowingCallable ask, Refusal.Kind kind, String code) {
    assertThatThrownBy(ask)
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> {
              assertThat(refused.refusal().kind()).isEqualTo(kind);
              assertThat(refused.refusal().code()).isEqualTo(code);
            });
  }

  @Test
  void oneImportAtATimeGoesIntoAnAudience() {
    try (AudienceWriter first = open("aud_one")) {
      assertRefused(
          () -> audiences.openWriter(TENANT, "aud_one"), Refusal.Kind.CONFLICT, "importRunning");
      first.add(member(2, "c1"));
      first.commit(List.of());
    }
    try (AudienceWriter second = audiences.openWriter(TENANT, "aud_one")) {
      second.add(member(2, "c2"));
      assertThat(second.commit(List.of()).accepted()).isEqualTo(1);
    }
  }

  @Test
  void tenThousandRejectsAreKeptInPagesAndAllAreCounted() {
    try (AudienceWriter writer = open("aud_bad")) {
      writer.add(member(1, "c1"));
      for (int i = 0; i < 10_500; i++) writer.reject(new Reject(i + 2, "no customerId"));
      assertThat(writer.commit(List.of()).rejected()).isEqualTo(10_500);
    }
    List<Reject> found = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<Reject> page = get(audiences.rejects(TENANT, "aud_bad", cursor, 1_000));
      found.addAll(page.items());
      cursor = page.next();
    } while (cursor.isPresent());
    assertThat(found).hasSize(10_000).doesNotHaveDuplicates();
    assertThat(found.get(9_999).line()).isEqualTo(10_001);

    Page<Reject> old = get(audiences.rejects(TENANT, "aud_bad", Optional.empty(), 5));
    try (AudienceWriter writer = audiences.openWriter(TENANT, "aud_bad")) {
      for (int i = 0; i < 20; i++) writer.reject(new Reject(i + 2, "of another file"));
      writer.commit(List.of());
    }
    assertThat(get(audiences.rejects(TENANT, "aud_bad", old.next(), 5)).items()).isEmpty();
  }

  @Test
  void aForgedCursorIsRefused() {
    for (String forged : List.of("", "x", "%%%", "bnVsbA", Cursor.write("timeline", 1, 2, 3))) {
      assertThatThrownBy(() -> get(audiences.rejects(TENANT, "aud_x", Optional.of(forged), 10)))
          .isInstanceOfSatisfying(
              RefusedException.class, e -> assertThat(e.refusal().code()).isEqualTo("cursor"));
    }
  }
}
