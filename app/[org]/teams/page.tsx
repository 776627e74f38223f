import type { Metadata } from "next";
import { DimensionRoute, type RouteProps } from "../dimension-route.tsx";

export const metadata: Metadata = { title: "Teams" };

export default function Page(props: RouteProps) {
  return <DimensionRoute view="teams" {...props} />;
}
