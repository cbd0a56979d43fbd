package org.parley.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Map;

/** Which module may know which, and what a module shows to the others. */
@AnalyzeClasses(packages = "org.parley", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "org.parley.";

  /** Each module and those it may know, as the layout says; there are no other arrows. */
  private static final Map<String, List<String>> ARROWS =
      Map.of(
          "core", List.of(),
          "persistence", List.of("core"),
          "agents", List.of("core"),
          "context", List.of("core"),
          "http", List.of("core", "context"),
          "node", List.of("core", "persistence", "agents", "context", "http"),
          "ops", List.of());

  /** Rooms of a module that others may enter beside its door, its api and its spi, and why. */
  private static final List<String> OPEN_ROOMS =
      List.of(
          // The sandbox carriers are started by the node, and looked into by its inbox page.
          "org.parley.agents.sandbox", "org.parley.agents.sandbox.sip");

  @ArchTest
  static final ArchRule modulesKnowEachOtherAlongTheArrowsAndThroughTheirDoors =
      classes().should(onlyUseDoors());

  @ArchTest
  static final ArchRule coreKnowsNoDatabaseNoHttpAndNoCarrier =
      noClasses()
          .that()
          .resideInAPackage("org.parley.core..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.sql..",
              "javax.sql..",
              "org.apache.pekko.http..",
              "jakarta.mail..",
              "com.hubspot..");

  @ArchTest
  static final ArchRule noModulesGoRoundInCircles =
      slices().matching("org.parley.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule namesSaySomething =
      noClasses()
          .should()
          .haveNameMatching(".*(Utils?|Helpers?|Manager|Impl)")
          .orShould()
          .haveNameMatching(".*\\.(Abstract|Base)[A-Z].*");

  private static ArchCondition<JavaClass> onlyUseDoors() {
    return new ArchCondition<>("use other modules along the arrows, through door, api and spi") {
      @Override
      public void check(JavaClass from, ConditionEvents events) {
        String module = module(from);
        for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
          JavaClass to = dependency.getTargetClass().getBaseComponentType();
          if (!to.getPackageName().startsWith(ROOT) || module(to).equals(module)) continue;
          boolean arrow = ARROWS.getOrDefault(module, List.of()).contains(module(to));
          if (!arrow || !isOpen(to)) {
            events.add(SimpleConditionEvent.violated(from, dependency.getDescription()));
          }
        }
      }
    };
  }

  private static String module(JavaClass c) {
    String rest = c.getPackageName().substring(ROOT.length());
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  private static boolean isOpen(JavaClass c) {
    String name = c.getPackageName();
    String room = name.substring((ROOT + module(c)).length());
    return room.isEmpty()
        || room.equals(".api")
        || room.equals(".spi")
        || OPEN_ROOMS.contains(name);
  }
}
