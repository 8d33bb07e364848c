import { agentScenarios } from "../contract/agent.ts";
import { realCluster } from "./clusters.ts";

agentScenarios("a real kube-apiserver", realCluster);
