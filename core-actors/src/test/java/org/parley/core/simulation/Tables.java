package org.parley.core.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.parley.core.JournalCatalog;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.simulation.Tally.Kind;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.Change;
import org.parley.core.spi.DueWorkStore;
import org.parley.core.spi.JournalRecord;
import org.parley.core.spi.Member;
import org.parley.core.spi.RunStore;

/**
 * The read side and the tables of one schedule: they follow the journal a while later, and calls
 * take time, fail, or do what they were asked and then fail.
 */
final class Tables implements RunStore, DueWorkStore {
  /** The slices in which the customers of a schedule are. */
  static final int SLICES = 2;

  private record Row(Optional<String> campaignId, Instant due, Instant visibleAt) {}

  private record Written(String id, JournalRecord event) {}

  private record Slice(String campaignId, int number) {}

  private record Cursor(long position, boolean finished) {}

  private final World world;
  private final Loop loop;
  private final int troublePerMille;
  private final List<Written> behind = new ArrayList<>();
  private final Map<DueWorkStore.Key, Row> due = new LinkedHashMap<>();
  private final Map<String, Instant> atOnce = new HashMap<>();
  private final Map<String, CampaignView> campaigns = new LinkedHashMap<>();
  private final Map<Slice, Cursor> runs = new LinkedHashMap<>();
  private final Map<String, Long> counts = new HashMap<>();
  private final List<Member> members;
  private boolean projecting;
  private boolean calm;

  Tables(World world, int troublePerMille, List<Member> members) {
    this.world = world;
    this.loop = world.loop();
    this.troublePerMille = troublePerMille;
    this.members = members;
  }

  // ---- the read side

  void committed(String id, Object event) {
    behind.add(new Written(id, (JournalRecord) event));
    if (projecting) return;
    projecting = true;
    boolean late = !calm && loop.random().nextInt(20) == 0;
    loop.after(loop.random().nextInt(late ? 20_000 : 300), this::project);
  }

  private void project() {
    projecting = false;
    world.progress();
    for (Written each : behind) {
      for (Change change : JournalCatalog.changes(each.id(), each.event())) {
        apply(change);
      }
    }
    behind.clear();
  }

  private void apply(Change change) {
    if (change instanceof Change.DuePut put) {
      Instant time = put.due();
      Optional<Instant> called = put.campaignId().map(atOnce::get);
      if (called.isPresent() && called.get().isBefore(time)) time = called.get();
      due.put(put.key(), new Row(put.campaignId(), time, time));
    } else if (change instanceof Change.DueDropped dropped) {
      due.remove(dropped.key());
    } else if (change instanceof Change.DueAtOnce call) {
      atOnce.put(call.campaignId(), call.now());
      due.replaceAll((key, row) -> isCalled(row, call) ? called(row, call.now()) : row);
    } else if (change instanceof Change.Counted counted) {
      String name = counted.campaignId() + ' ' + counted.kind() + ' ' + counted.name();
      counts.merge(name, counted.by(), Long::sum);
    } else if (change instanceof Change.CampaignChanged changed) {
      campaigns.put(changed.campaign().id(), changed.campaign());
    } else if (change instanceof Change.RunOpened opened) {
      for (int slice = 0; slice < SLICES; slice++) {
        runs.putIfAbsent(new Slice(opened.campaignId(), slice), new Cursor(0, false));
      }
    }
  }

  private static boolean isCalled(Row row, Change.DueAtOnce call) {
    return row.campaignId().equals(Optional.of(call.campaignId()))
        && row.due().isAfter(call.now())
        && row.visibleAt().isAfter(call.now());
  }

  private static Row called(Row row, Instant now) {
    return new Row(row.campaignId(), now, now);
  }

  // ---- what is asked of them

  private boolean rests(Row row) {
    return row.campaignId()
        .map(campaigns::get)
        .filter(c -> c.status() == CampaignStatus.PAUSED)
        .isPresent();
  }

  private <T> CompletionStage<T> call(Supplier<T> work) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    boolean trouble = !calm && loop.random().nextInt(1_000) < troublePerMille;
    int how = trouble ? 1 + loop.random().nextInt(3) : 0;
    if (how > 0) world.tally().count(Kind.TABLES_FAIL);
    long millis = how == 3 ? loop.random().nextLong(20_000) : loop.random().nextLong(4);
    loop.after(
        millis,
        () -> {
          T done = how == 1 ? null : work.get();
          if (how == 0 || how == 3) answer.complete(done);
          else answer.completeExceptionally(new Disk.Unavailable("the database is away"));
        });
    return answer;
  }

  @Override
  public CompletionStage<List<DueWorkStore.Item>> lease(
      Instant now, Duration lease, int limit, Set<String> passOver) {
    return call(
        () -> {
          List<DueWorkStore.Item> items = new ArrayList<>();
          due.forEach(
              (key, row) -> {
                boolean wanted = row.campaignId().filter(passOver::contains).isEmpty();
                if (wanted && !rests(row) && !row.visibleAt().isAfter(now)) {
                  items.add(
                      new DueWorkStore.Item(key, row.due(), now.plus(lease), Optional.empty()));
                }
              });
          items.sort(Comparator.comparing(DueWorkStore.Item::due));
          List<DueWorkStore.Item> taken =
              List.copyOf(items.subList(0, Math.min(limit, items.size())));
          for (DueWorkStore.Item item : taken) {
            due.computeIfPresent(
                item.key(), (key, row) -> new Row(row.campaignId(), row.due(), item.leasedUntil()));
            world.progress();
          }
          return taken;
        });
  }

  private static boolean isHeldBy(DueWorkStore.Item item, Row row) {
    return row.due().equals(item.due()) && row.visibleAt().equals(item.leasedUntil());
  }

  @Override
  public CompletionStage<Void> finish(List<DueWorkStore.Item> items) {
    return call(
        () -> {
          world.progress();
          for (DueWorkStore.Item item : items) {
            Row row = due.get(item.key());
            if (row != null && isHeldBy(item, row)) due.remove(item.key());
          }
          return null;
        });
  }

  @Override
  public CompletionStage<List<RunStore.SliceRun>> open(int slice) {
    return call(
        () -> {
          List<RunStore.SliceRun> open = new ArrayList<>();
          runs.forEach(
              (key, cursor) -> {
                CampaignView campaign = campaigns.get(key.campaignId());
                if (key.number() != slice || cursor.finished() || campaign == null) return;
                switch (campaign.status()) {
                  case RUNNING, PAUSED, CANCELLING ->
                      open.add(
                          new RunStore.SliceRun(
                              key.campaignId(),
                              "default",
                              campaign.definition().audience(),
                              slice,
                              cursor.position(),
                              campaign.status(),
                              campaign.definition().policy().ratePerSecond()));
                  default -> {}
                }
              });
          return open;
        });
  }

  @Override
  public CompletionStage<Void> advance(
      String campaignId, int slice, long position, boolean finished) {
    return call(
        () -> {
          world.progress();
          runs.computeIfPresent(
              new Slice(campaignId, slice),
              (key, was) ->
                  new Cursor(Math.max(was.position(), position), was.finished() || finished));
          return null;
        });
  }

  @Override
  public CompletionStage<List<String>> completed() {
    return call(
        () ->
            campaigns.values().stream()
                .filter(
                    c ->
                        c.status() == CampaignStatus.RUNNING
                            || c.status() == CampaignStatus.CANCELLING)
                .filter(c -> c.audienceSize().orElse(0L) <= count(c.id() + " recipient finished"))
                .map(CampaignView::id)
                .toList());
  }

  CompletionStage<List<Member>> members(int slice, long after, int limit) {
    return call(
        () -> {
          List<Member> page =
              members.stream()
                  .filter(m -> m.position() > after && AudienceStore.slice(m.customerId()) == slice)
                  .limit(limit)
                  .toList();
          if (world.breaks() == Breaks.THE_CURSOR_MOVES_ON_FETCH && !page.isEmpty())
            moveTo(slice, page.get(page.size() - 1).position());
          return page;
        });
  }

  private void moveTo(int slice, long position) {
    runs.replaceAll(
        (key, was) -> key.number() == slice ? new Cursor(position, was.finished()) : was);
  }

  // ---- what the simulation wants to know

  long count(String name) {
    return counts.getOrDefault(name, 0L);
  }

  /**
   * When the next row of due work is to be looked at; {@link Long#MAX_VALUE} when there is none.
   */
  long nextDueMillis() {
    long next = Long.MAX_VALUE;
    for (Row row : due.values()) {
      if (!rests(row))
        next = Math.min(next, Duration.between(World.START, row.visibleAt()).toMillis());
    }
    return next;
  }

  boolean isQuiet() {
    return behind.isEmpty()
        && due.isEmpty()
        && campaigns.values().stream().allMatch(c -> c.status().isFinal());
  }

  List<CampaignView> campaigns() {
    return List.copyOf(campaigns.values());
  }

  void calm() {
    calm = true;
  }

  @Override
  public String toString() {
    return "due "
        + due
        + ", runs "
        + runs
        + ", campaigns "
        + campaigns.values().stream().map(c -> c.id() + ' ' + c.status()).toList();
  }
}
