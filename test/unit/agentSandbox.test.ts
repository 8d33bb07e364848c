import { agentScenarios } from "../contract/agent.ts";
import { sandboxCluster } from "../contract/sandbox.ts";

agentScenarios("the sandbox", sandboxCluster);
